import { expect, test } from 'vitest';
import { partsOf } from './route.svelte';

test('an address names a screen and what stands behind it', () => {
  expect(partsOf('#/security')).toEqual({ screen: 'security', rest: [] });
  expect(partsOf('#/profile/users/7')).toEqual({ screen: 'profile', rest: ['users', '7'] });
});

test('every other address is the terminal, the link of a mail among them', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#security', '#reset=00ff', '#reset=00ff/security']) {
    expect(partsOf(hash)).toEqual({ screen: null, rest: [] });
  }
});
