// Writes src/lib/openapi.ts: the messages of the venue's API as TypeScript types, out of its OpenAPI document.
//   npm run types                      asks the venue at PAPERTAPE_URL
//   npm run types -- openapi.json      reads a file
import { readFileSync, writeFileSync } from 'node:fs';

/** Names whose values the page wants to walk over, beside their type. */
const LISTED = ['CancelReason', 'ReasonCode'];

const url = `${process.env.PAPERTAPE_URL ?? 'http://127.0.0.1:8080'}/openapi.json`;
const [file] = process.argv.slice(2);
const document = file ? JSON.parse(readFileSync(file, 'utf8')) : await (await fetch(url)).json();
const schemas = document.components.schemas;

const quoted = (text) => `'${text}'`;
const nameOf = (ref) => ref.split('/').at(-1);
const comment = (text, indent) => {
  const words = text?.trim().replaceAll('*/', '').split(/\s+/).join(' ');
  return words ? `${indent}/** ${words} */\n` : '';
};

/** The type of a schema, on one line or, of an object, on several. `sent` are requests: what they leave out is absent. */
function typeOf(schema, sent, indent = '') {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.enum) return schema.enum.map(quoted).join(' | ');
  if (schema.allOf) return schema.allOf.map((part) => typeOf(part, sent, indent)).join(' & ');
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return choices.map((one) => typeOf(one, sent, indent)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type }, sent, indent)).join(' | ');
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'integer':
    case 'number':
      return 'number';
    case 'null':
      return 'null';
    case 'array': {
      const items = typeOf(schema.items ?? {}, sent, indent);
      return /[|&]/.test(items) ? `(${items})[]` : `${items}[]`;
    }
    case 'object':
      return schema.properties ? objectOf(schema, sent, indent) : 'object';
    default:
      return 'unknown';
  }
}

function objectOf({ properties, required = [] }, sent, indent) {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([name, schema]) => {
    // What the venue sends has every field: what does not apply is null.
    const absent = sent && !required.includes(name);
    const type = typeOf(schema, sent, inner);
    const clean = absent ? type.split(' | ').filter((one) => one !== 'null').join(' | ') : type;
    const about = schema.description ?? schema.oneOf?.[0]?.description;
    return `${comment(about, inner)}${inner}${name}${absent ? '?' : ''}: ${clean};`;
  });
  return `{\n${fields.join('\n')}\n${indent}}`;
}

const parts = Object.entries(schemas).map(([name, schema]) => {
  const head = comment(schema.description, '');
  if (LISTED.includes(name)) {
    const list = `${name.replace(/[A-Z]/g, (letter, at) => (at ? '_' : '') + letter).toUpperCase()}S`;
    const values = schema.enum.map((value) => `  ${quoted(value)},`).join('\n');
    return `${head}export const ${list} = [\n${values}\n] as const;\nexport type ${name} = (typeof ${list})[number];`;
  }
  return `${head}export type ${name} = ${typeOf(schema, name.endsWith('Body'))};`;
});

const text = `// Generated out of the venue's OpenAPI document: npm run types.\n\n${parts.join('\n\n')}\n`;
writeFileSync(new URL('../src/lib/openapi.ts', import.meta.url), text);
