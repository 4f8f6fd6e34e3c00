import { afterEach, expect, test } from 'vitest';
import { clock, moment, stamp } from './time';
import { written } from './written.svelte';

const AT = Date.UTC(2026, 0, 2, 23, 4, 5);

afterEach(() => written.prefer(null, null));

test('times are written as they are preferred, by a clock of 24 hours everywhere', () => {
  written.prefer('en-US', 'UTC');
  expect(stamp(AT)).toBe('Jan 02, 2026, 23:04:05');
  written.prefer('de-DE', 'Asia/Tokyo');
  expect(stamp(AT)).toBe('03. Jan. 2026, 08:04:05');
  expect(clock(AT)).toBe('08:04:05');
  expect(moment(AT)).toBe('03. Jan. 08:04:05');
});

test('a tag or a zone that nobody knows changes nothing', () => {
  written.prefer('en-GB', 'UTC');
  written.prefer('no tag', 'UTC');
  written.prefer('en-GB', 'Europe/Nowhere');
  expect(stamp(AT)).toBe('02 Jan 2026, 23:04:05');
});

test('what is of today needs no date', () => {
  const now = Date.now();
  expect(moment(now)).toBe(clock(now));
  expect(moment(now - 86_400_000)).not.toBe(clock(now - 86_400_000));
});
