// One request, as a form, as a line for a shell, and sent.

import { element } from './dom.js';
import { example } from './schema.js';

const token = () => document.getElementById('token').value.trim();

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The form under an operation. */
export function attempt(api, path, method, operation) {
  const parameters = operation.parameters ?? [];
  const inputs = parameters.map((parameter) => [parameter, element('input', {
    'aria-label': parameter.name,
    placeholder: parameter.required ? 'needed' : '',
    value: parameter.in === 'path' ? String(parameter.example ?? parameter.schema?.example ?? '') : '',
    spellcheck: 'false',
    oninput: () => show(),
  })]);
  const [contentType, body] = bodyOf(api, operation);
  const curl = element('pre', { 'data-testid': 'curl' });
  const answer = element('pre', { 'data-testid': 'answer', 'aria-live': 'polite', tabindex: '0' });
  body?.addEventListener('input', () => show());
  document.getElementById('token').addEventListener('input', () => curl.isConnected && show());

  function request() {
    let filled = path;
    const query = new URLSearchParams();
    const headers = new Headers();
    for (const [parameter, input] of inputs) {
      const value = input.value.trim();
      if (parameter.in === 'path') filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(value || `{${parameter.name}}`));
      else if (value && parameter.in === 'query') query.append(parameter.name, value);
      else if (value && parameter.in === 'header') headers.set(parameter.name, value);
    }
    if (body) headers.set('Content-Type', contentType);
    if (token() && operation.security?.length !== 0) headers.set('Authorization', `Bearer ${token()}`);
    const asked = `${query}` ? `${filled}?${query}` : filled;
    return [asked, { method: method.toUpperCase(), headers, body: body ? body.value : undefined }];
  }

  function show() {
    const [asked, { method: verb, headers, body: sent }] = request();
    const words = ['curl -sS'];
    if (verb !== 'GET') words.push(`-X ${verb}`);
    // What a secret is stays out of what is copied.
    for (const [name, value] of headers) words.push(`-H ${name === 'authorization' ? '"Authorization: Bearer $TOKEN"' : quoted(`${name}: ${value}`)}`);
    words.push(quoted(location.origin + asked));
    if (sent !== undefined) words.push(`-d ${quoted(sent)}`);
    curl.textContent = words.join(' ');
  }

  async function send() {
    answer.textContent = '…';
    try {
      const [asked, options] = request();
      const begun = performance.now();
      const response = await fetch(asked, options);
      const text = await response.text();
      const took = Math.round(performance.now() - begun);
      const head = ['x-request-id', 'papertape-seq', 'papertape-durability', 'retry-after', 'location']
        .filter((name) => response.headers.has(name)).map((name) => `${name}: ${response.headers.get(name)}\n`);
      answer.textContent = `${response.status} ${response.statusText} (${took} ms)\n${head.join('')}\n${pretty(text)}`;
    } catch (error) {
      answer.textContent = String(error);
    }
  }

  show();
  return element('section', { class: 'try' },
    element('h3', {}, 'Try it'),
    inputs.map(([parameter, input]) => element('label', {}, element('code', {}, parameter.name), input)),
    body,
    element('p', {}, element('button', { type: 'button', onclick: send }, `Send ${method.toUpperCase()}`)),
    curl, answer);
}

function bodyOf(api, operation) {
  const content = Object.entries(operation.requestBody?.content ?? {});
  if (content.length === 0) return [null, null];
  const [type, { schema, example: given }] = content[0];
  const value = given ?? example(api, schema);
  const text = type.includes('urlencoded') ? new URLSearchParams(value).toString() : JSON.stringify(value, null, 2);
  const rows = String(Math.min(14, text.split('\n').length + 1));
  return [type, element('textarea', { rows, spellcheck: 'false', 'aria-label': 'Body' }, text)];
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
