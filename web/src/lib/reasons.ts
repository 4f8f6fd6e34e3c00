import { ApiError } from './api';

/** What went wrong, for a trader: a sentence, and the code under which the venue's documentation explains it. */
export interface Reason {
  text: string;
  code: string;
}

const WORDS: Record<string, string> = {
  UNREACHABLE: 'The venue cannot be reached. Nothing was sent twice; look at your open orders before trying again.',
  INSUFFICIENT_FUNDS: 'Your free balance does not cover this order and its fee.',
  INSUFFICIENT_HOLDINGS: 'You do not hold enough of what you want to sell.',
  POST_ONLY_WOULD_TAKE: 'A post-only order must rest, and this price would trade at once. Move the price away from the market or switch post-only off.',
  FOK_NOT_FILLABLE: 'The book does not hold the whole quantity at this price, so fill-or-kill took nothing.',
  NO_LIQUIDITY: 'There was nothing in the book to trade with.',
  NOTHING_FILLED: 'Nothing in the book met this price, so nothing was filled.',
  SELF_TRADE: 'This order would trade with one of your own.',
  MARKET_HALTED: 'Trading in this instrument is halted.',
  MARKET_CLOSED: 'This instrument is closed for trading.',
  PRICE_OUT_OF_BAND: 'This price is too far from the market: orders are taken within a price band only.',
  POSITION_LIMIT: 'With this order you would come to have more of this asset than the market allows.',
  ORDER_RATE: 'Too many orders and changes in one second. Try again in a moment.',
  TRIGGER_ALREADY_MET: 'The market has reached this trigger price already. Move it to the other side of the market, or send the order without a trigger.',
  NO_REFERENCE_PRICE: 'There is no price yet that the order could trail. Wait for a trade, or name a trigger price.',
  ORDER_IN_LIST: 'Orders of a list cannot be changed one by one. Cancel the list and place it anew.',
  KILL_SWITCH_ENGAGED: 'A kill switch is engaged: nothing is traded until it is released.',
  ACCOUNT_SUSPENDED: 'Your account is suspended. You can cancel orders and deposit; ask the operator for the rest.',
  BUSY: 'The venue is busy and did not take the order. Try again in a moment.',
  RATE_LIMITED: 'Too many requests in a short time. Try again in a moment.',
  UNKNOWN_ORDER: 'This order is no longer open.',
  ORDER_NOT_FOUND: 'This order is no longer open.',
  UNAUTHORIZED: 'Your session has ended. Log in again.',
};

/** The venue's own sentence stands in for a code that this table does not know. */
export function reasonOf(error: unknown): Reason {
  if (!(error instanceof ApiError)) return { text: 'The page failed: ' + String(error), code: 'PAGE' };
  const known = WORDS[error.code];
  if (known) return { text: known, code: error.code };
  return { text: sentence(error.detail), code: error.code };
}

/** Log-in answers 401 for a wrong e-mail or password, which is not the end of a session. */
export function logInReason(error: unknown): Reason {
  if (error instanceof ApiError && error.status === 401) {
    return { text: 'E-mail or password is wrong.', code: error.code };
  }
  return reasonOf(error);
}

export function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return 'The venue refused without a word.';
  const start = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
