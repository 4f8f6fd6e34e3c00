import { expect, test } from 'vitest';
import { ApiError } from './api';
import { CANCEL_REASONS, REASON_CODES } from './openapi';
import { causeOf, CAUSES, reasonOf, REFUSALS } from './reasons';

test('every refusal and every cause of an end that the venue knows has words', () => {
  expect(Object.keys(REFUSALS).sort()).toEqual([...REASON_CODES].sort());
  expect(Object.keys(CAUSES).sort()).toEqual([...CANCEL_REASONS].sort());
  for (const text of Object.values(REFUSALS)) expect(text).toMatch(/^[A-Z].*\.$/);
  for (const text of Object.values(CAUSES)) expect(text).toMatch(/^[a-z].*[^.]$/);
});

test('a code that is not known is told as the venue tells it', () => {
  expect(reasonOf(new ApiError(422, 'REDUCE_ONLY', 'x'))).toMatchObject({ code: 'REDUCE_ONLY', text: REFUSALS.REDUCE_ONLY });
  expect(reasonOf(new ApiError(400, 'SOMETHING_NEW', 'the moon is full'))).toEqual({ code: 'SOMETHING_NEW', text: 'The moon is full.' });
  expect(causeOf('MIN_QTY')).toBe(CAUSES.MIN_QTY);
  expect(causeOf('SOMETHING_NEW' as never)).toBe('something new');
});
