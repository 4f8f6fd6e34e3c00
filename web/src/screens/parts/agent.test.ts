import { expect, test } from 'vitest';
import { programOf } from './agent';

test('browsers are called as people call them, and programs as they call themselves', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
  expect(programOf(chrome)).toBe('Chrome 131 on Linux');
  expect(programOf(`${chrome} Edg/131.0.0.0`)).toBe('Edge 131 on Linux');
  expect(programOf('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/18.0 Mobile/15 Safari/604')).toBe('Safari 18 on iOS');
  expect(programOf('curl/8.5.0')).toBe('curl/8.5.0');
  expect(programOf(null)).toBe('A program without a name');
});
