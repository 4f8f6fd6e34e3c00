// The API's description, drawn from /openapi.json of the venue that serves this page. Nothing comes from elsewhere.

import { element, prose } from './dom.js';
import { fields, kind, resolve } from './schema.js';
import { attempt } from './try.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const list = document.getElementById('list');
const main = document.getElementById('main');
const filter = document.getElementById('filter');

/** The name of an operation in the address: `get /api/v1/depth`. */
const name = ({ path, method }) => `${method} ${path}`;

function operationsOf(api) {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method, operation: item[method] })));
}

function drawList(api, operations) {
  const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ path, method, operation }) => {
    const text = `${method} ${path} ${operation.summary ?? ''} ${operation.description ?? ''}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
  const groups = api.tags.map((tag) => {
    const own = operations.filter((one) => (one.operation.tags ?? [])[0] === tag.name && fits(one));
    if (own.length === 0) return null;
    return element('section', {}, element('h2', { title: tag.description }, tag.name), element('ul', {}, own.map((one) =>
      element('li', {}, element('a', { href: `#${encodeURIComponent(name(one))}`, title: one.operation.summary },
        element('span', { class: `method ${one.method}` }, one.method), element('span', { class: 'path' }, one.path))))));
  });
  list.replaceChildren(...groups.filter(Boolean));
  mark();
}

/** The one in the address stands out in the list. */
function mark() {
  for (const link of list.querySelectorAll('a')) {
    if (link.hash === location.hash) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function drawOperation(api, { path, method, operation }) {
  const responses = Object.entries(operation.responses ?? {}).map(([status, response]) => {
    const found = resolve(api, response);
    const schema = Object.values(found.content ?? {})[0]?.schema;
    return element('details', { open: status.startsWith('2') },
      element('summary', {}, element('code', {}, status), ' ', prose(found.description), schema ? element('small', {}, ` ${kind(api, schema)}`) : null),
      schema ? fields(api, schema) : null);
  });
  const body = Object.entries(operation.requestBody?.content ?? {})[0];
  const keys = (operation.security ?? []).flatMap(Object.keys);
  main.replaceChildren(
    element('h2', {}, element('span', { class: `method ${method}` }, method), ' ', element('code', {}, path)),
    element('p', { class: 'lead' }, prose(operation.summary ?? '')),
    operation.description ? element('p', {}, prose(operation.description)) : '',
    element('p', {}, element('small', {}, keys.length ? `Authorised by: ${keys.join(' or ')}` : 'Open to everybody')),
    parametersOf(api, operation) ?? '',
    body ? element('section', {}, element('h3', {}, 'Body ', element('small', {}, `${body[0]}, ${kind(api, body[1].schema)}`)), fields(api, body[1].schema)) : '',
    element('section', {}, element('h3', {}, 'Answers'), responses),
    attempt(api, path, method, operation));
  document.title = `${method.toUpperCase()} ${path}: Papertape API`;
}

function parametersOf(api, operation) {
  const parameters = operation.parameters ?? [];
  if (parameters.length === 0) return null;
  const rows = parameters.map((parameter) => element('tr', {},
    element('td', {}, element('code', {}, parameter.name), parameter.required ? null : element('small', {}, ' optional')),
    element('td', {}, element('small', {}, `${parameter.in}: ${kind(api, parameter.schema)}`)),
    element('td', {}, prose(parameter.description))));
  return element('section', {}, element('h3', {}, 'Parameters'), element('table', {}, element('tbody', {}, rows)));
}

function drawOverview(api, operations) {
  main.replaceChildren(
    element('h2', {}, api.info.title),
    element('p', { class: 'lead' }, prose(api.info.description)),
    element('table', {}, element('tbody', {}, api.tags.map((tag) => element('tr', {},
      element('td', {}, tag.name), element('td', {}, prose(tag.description)))))),
    element('p', {}, `${operations.length} operations. The same as a document: `, element('a', { href: '/openapi.json' }, '/openapi.json'), '.'));
  document.title = 'Papertape API';
}

function draw(api, operations) {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const found = operations.find((one) => name(one) === wanted);
  if (found) drawOperation(api, found);
  else drawOverview(api, operations);
  mark();
  main.scrollTo(0, 0);
}

async function start() {
  const response = await fetch('/openapi.json');
  if (!response.ok) throw new Error(`/openapi.json: ${response.status}`);
  const api = await response.json();
  const operations = operationsOf(api);
  document.getElementById('version').textContent = `OpenAPI ${api.openapi}, version ${api.info.version}`;
  filter.addEventListener('input', () => drawList(api, operations));
  window.addEventListener('hashchange', () => draw(api, operations));
  drawList(api, operations);
  draw(api, operations);
}

start().catch((error) => main.replaceChildren(element('p', { role: 'alert' }, String(error))));
