import { expect, test } from 'vitest';
import { networksOf, publicKeyOf } from './words';

const HEX = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';

test('a public key is taken as programs print it: hexadecimal, base 64, or PEM', () => {
  expect(publicKeyOf(` ${HEX.toUpperCase()}\n`)).toBe(HEX);
  expect(publicKeyOf('11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=')).toBe(HEX);
  expect(publicKeyOf('-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----')).toBe(HEX);
});

test('anything else is no public key', () => {
  for (const text of ['', 'key', HEX.slice(1), `${HEX}00`, 'MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g']) expect(publicKeyOf(text)).toBeNull();
});

test('networks are taken one a line, or with commas between', () => {
  expect(networksOf('192.0.2.7,\n 2001:db8::/32 10.0.0.0/8;')).toEqual(['192.0.2.7', '2001:db8::/32', '10.0.0.0/8']);
});
