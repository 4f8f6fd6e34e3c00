import { ApiError } from './api';
import { dec, shown } from './decimal';
import { reasonOf, type Reason } from './reasons';
import type { Story, StoryLine } from './types';

/** Between two askings for a story that the venue still reads. */
const ASK_AGAIN_MS = 1_000;

/** Asks until the story is there; null once nobody wants it any more. */
export async function untilTold(
  ask: () => Promise<Story | null>,
  wanted: () => boolean,
  wait: (ms: number) => Promise<unknown> = (ms) => new Promise((done) => setTimeout(done, ms)),
): Promise<Story | null> {
  while (wanted()) {
    const story = await ask();
    if (story) return wanted() ? story : null;
    await wait(ASK_AGAIN_MS);
  }
  return null;
}

const WORDS: Record<string, string> = {
  UNKNOWN_ORDER: 'The venue knows no such order of yours.',
  TOO_MANY_QUESTIONS: 'Two of your orders are being read already. Try again in a moment.',
  NO_JOURNAL: 'This venue does not tell what became of orders.',
  BUSY: 'The venue reads the stories of many orders at this moment. Try again in a moment.',
};

/** Why there is no story. */
export function whyUntold(error: unknown): Reason {
  const words = error instanceof ApiError ? WORDS[error.code] : undefined;
  return words && error instanceof ApiError ? { text: words, code: error.code } : reasonOf(error);
}

const NAMES: Record<string, string> = {
  accepted: 'Accepted', waits: 'Waits', released: 'Released', triggered: 'Fired', rested: 'Rests', queued: 'Queue', ahead: 'Queue',
  fill: 'Fill', prevented: 'Prevented', amended: 'Changed', repeated: 'Repeated', refused: 'Refused', ended: 'Ended',
};

/** What a line is about, in a word. */
export const nameOf = ({ what }: StoryLine): string => NAMES[what] ?? what;

/** What it came to, in a sentence. */
export function sumOf({ order, sum, left_out }: Story): string {
  const base = order.symbol.split('-')[0];
  const fills = `${sum.fills} fill${sum.fills === 1 ? '' : 's'}`;
  const state = { open: 'Still open', filled: 'Filled', ended: 'Ended' }[sum.state] ?? sum.state;
  const traded = sum.fills === 0 ? 'nothing was filled' : `${shown(dec(sum.filled_qty), 0)} ${base} in ${fills}, ${shown(dec(sum.average_price ?? '0'), 2)} on average`;
  const fees = sum.fees.map(({ asset, amount }) => `, fees ${shown(dec(amount), 2)} ${asset}`).join('');
  return `${state}: ${traded}${fees}.${left_out ? ` ${left_out} more lines are not shown.` : ''}`;
}
