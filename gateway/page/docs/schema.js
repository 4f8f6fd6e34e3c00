// JSON schemas of the document, in words and as examples.

import { element, prose } from './dom.js';

/** Nested objects deeper than this are named and not drawn: some schemas contain themselves. */
const DEPTH_MAX = 5;

/** Follows a reference. */
export function resolve(document, schema) {
  if (!schema?.$ref) return schema ?? {};
  const found = schema.$ref.slice(2).split('/').reduce((part, key) => part?.[key], document);
  return { ...found, title: schema.$ref.split('/').pop() };
}

/** All parts of a schema that is put together, as one. */
function whole(document, schema) {
  const found = resolve(document, schema);
  if (!found.allOf) return found;
  const parts = found.allOf.map((part) => whole(document, part));
  const properties = Object.assign({}, ...parts.map((part) => part.properties), found.properties);
  return { ...found, type: 'object', properties, required: parts.flatMap((part) => part.required ?? []) };
}

const isNull = (schema) => schema.type === 'null';

/** The kinds that a value may be, in a few words. */
export function kind(document, schema) {
  const found = whole(document, schema);
  const choices = found.oneOf ?? found.anyOf;
  if (choices) return choices.map((choice) => kind(document, choice)).join(' or ');
  if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (found.const !== undefined) return JSON.stringify(found.const);
  const types = [found.type ?? (found.properties ? 'object' : 'any')].flat();
  const words = types.map((type) => {
    if (type === 'array') return `list of ${found.items ? kind(document, found.items) : 'anything'}`;
    if (type === 'object') return found.title ?? 'object';
    return type === 'integer' ? 'whole number' : type;
  });
  return words.join(' or ');
}

/** Fields of an object as a table; of a list, those of its elements. Nothing, where there are none. */
export function fields(document, schema, depth = 0) {
  const found = whole(document, schema);
  if (found.items) return fields(document, found.items, depth);
  const choices = (found.oneOf ?? found.anyOf ?? []).filter((choice) => !isNull(resolve(document, choice)));
  if (choices.length > 0) return element('div', {}, choices.map((choice) => fields(document, choice, depth)));
  if (!found.properties || depth >= DEPTH_MAX) return null;
  const required = new Set(found.required ?? []);
  const rows = Object.entries(found.properties).map(([name, property]) => {
    const inner = fields(document, property, depth + 1);
    const description = property.description ?? (property.$ref ? resolve(document, property).description : '');
    return element('tr', {},
      element('td', {}, element('code', {}, name), required.has(name) ? null : element('small', {}, ' optional')),
      element('td', {}, element('small', {}, kind(document, property))),
      element('td', {}, prose(description), inner && element('details', {}, element('summary', {}, 'fields'), inner)));
  });
  return element('table', {}, element('tbody', {}, rows));
}

/** A value that the schema allows. */
export function example(document, schema, depth = 0) {
  const found = whole(document, schema);
  if (found.example !== undefined) return found.example;
  if (found.examples?.length) return found.examples[0];
  if (found.default !== undefined) return found.default;
  if (found.const !== undefined) return found.const;
  if (found.enum) return found.enum[0];
  const choices = (found.oneOf ?? found.anyOf ?? []).filter((choice) => !isNull(resolve(document, choice)));
  if (choices.length > 0) return example(document, choices[0], depth);
  const type = [found.type ?? (found.properties ? 'object' : 'null')].flat().find((one) => one !== 'null');
  if (type === 'array') return depth >= DEPTH_MAX || !found.items ? [] : [example(document, found.items, depth + 1)];
  if (type === 'object') {
    const required = new Set(found.required ?? []);
    const wanted = Object.entries(found.properties ?? {}).filter(([name]) => required.has(name));
    if (depth >= DEPTH_MAX) return {};
    return Object.fromEntries(wanted.map(([name, property]) => [name, example(document, property, depth + 1)]));
  }
  return { string: 'text', integer: found.minimum ?? 0, number: found.minimum ?? 0, boolean: false }[type] ?? null;
}
