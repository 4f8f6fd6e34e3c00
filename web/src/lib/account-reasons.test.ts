import { expect, test } from 'vitest';
import { accountReason } from './account-reasons';
import { ApiError } from './api';
import { written } from './written.svelte';

test('whoever is suspended is told why, and until when', () => {
  written.prefer('en-GB', 'UTC');
  const until = new ApiError(403, 'USER_SUSPENDED', 'This user is suspended until 2026-12-31T12:00:00.000Z: wash trades');
  expect(accountReason(until).text).toBe('You are suspended until 31 Dec 2026, 12:00:00: Wash trades.');
  const open = new ApiError(403, 'USER_SUSPENDED', 'This user is suspended: wash trades, twice: see our letter.');
  expect(accountReason(open).text).toBe('You are suspended: Wash trades, twice: see our letter. Ask the operator.');
});

test('a wait that the venue names comes with the reason', () => {
  const reason = accountReason(new ApiError(429, 'RATE_LIMITED', 'Too many tries; wait a while.', 30));
  expect(reason.untilMs).toBeGreaterThan(Date.now() + 29_000);
  expect(accountReason(new ApiError(503, 'BUSY', 'later', 1)).untilMs).toBeUndefined();
});

test('the name of a field is not told, and what has no words is told as the venue tells it', () => {
  expect(accountReason(new ApiError(400, 'INVALID_FIELD', 'ip_whitelist: 10.0.0.300 is no address')).text).toBe('10.0.0.300 is no address.');
  expect(accountReason(new ApiError(400, 'WEAK_PASSWORD', 'This password is among the most used ones.')).text).toBe('This password is among the most used ones.');
});
