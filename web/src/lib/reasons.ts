import { ApiError } from './api';
import type { CancelReason, ReasonCode } from './types';

/** What went wrong, for a trader: a sentence, and the code under which the venue's documentation explains it. */
export interface Reason {
  text: string;
  code: string;
  /** When it may be tried again, in milliseconds since 1970, where the venue says so. */
  untilMs?: number;
}

/** What the rules refuse. A code that is missing here fails a test. */
export const REFUSALS: Record<ReasonCode, string> = {
  UNKNOWN_ACCOUNT: 'Your account is not open yet. Try again in a moment.',
  UNKNOWN_ASSET: 'The venue knows no such asset.',
  UNKNOWN_INSTRUMENT: 'The venue knows no such market.',
  UNKNOWN_ORDER: 'This order is no longer open.',
  INSTRUMENT_HALTED: 'Trading in this market is halted; orders can only be cancelled.',
  INSTRUMENT_CLOSED: 'This market is closed; orders can only be cancelled.',
  AUCTION_ONLY_LIMIT: 'An auction collects: only limit orders that stay are taken, without post-only, minimum or peg. Others may wait for the open or the close.',
  BOOK_CROSSED: 'The book is crossed and has to be uncrossed before trading goes on.',
  NOT_IN_AUCTION: 'This market is in no auction.',
  PHASE_UNCHANGED: 'The market is in that phase already.',
  INVALID_PHASE: 'Only an auction has a purpose, and only an auction or a halt ends by itself, at a time ahead.',
  INVALID_SCHEDULE: 'The times of a schedule are times of one day, each later than the one before.',
  PRICE_OUT_OF_RANGE: 'This price is outside of what the market takes at all.',
  QTY_OUT_OF_RANGE: 'This quantity is smaller or larger than the market takes in one order.',
  NOTIONAL_OUT_OF_RANGE: 'The order is worth less or more than the market takes in one order.',
  AMOUNT_TOO_LARGE: 'The order is worth more than the venue can count.',
  TOO_MANY_OPEN_ORDERS: 'You have as many open orders in this market as you may. Cancel some first.',
  BOOK_FULL: 'The book has no room for this order at this price. Choose another price, or try again later.',
  INSUFFICIENT_FUNDS: 'Your free balance does not cover this and its fee.',
  POST_ONLY_WOULD_TAKE: 'A post-only order must rest, and this price would trade at once. Move the price away from the market or switch post-only off.',
  POST_ONLY_NOT_RESTING: 'Post-only is for limit orders that stay: GTC, DAY or GTD.',
  MARKET_MUST_BE_IMMEDIATE: 'A market order never rests: it is IOC or FOK.',
  BUDGET_CANNOT_BE_FOK: 'A market order for an amount of money cannot be fill-or-kill. Give a quantity.',
  DUPLICATE_CLIENT_ORDER_ID: 'This name belongs to another of your orders.',
  QTY_BELOW_FILLED: 'So much of the order has been filled already. Give a larger quantity, or cancel the rest.',
  AT_AUCTION_PLAIN: 'An order for the open or the close is a plain limit or market order by quantity.',
  NOTHING_TO_AMEND: 'The order has this price and this quantity already.',
  EXPIRY_NOT_AHEAD: 'The time at which the order is to end has come already.',
  INVALID_TRIGGER: 'A trigger has a price, or a distance of at least one tick or of 0.01 % to 99.99 %.',
  TRIGGER_ALREADY_MET: 'The market has reached this trigger price already. Move it to the other side of the market, or send the order without a trigger.',
  NO_REFERENCE_PRICE: 'There is no price yet that this could follow. Wait for a trade, or name a price.',
  TRIGGER_NEEDS_QTY: 'An order for an amount of money cannot wait for a trigger. Give a quantity.',
  ORDER_WAITS: 'An order that waits cannot be changed. Cancel it and place it anew.',
  ORDER_IN_LIST: 'Orders of a list cannot be changed one by one. Cancel the list and place it anew.',
  LIST_LEGS_DIFFER: 'The two orders of an OCO are on one side and for the same quantity.',
  LIST_LEG_MUST_STAY: 'Each order of an OCO rests or waits: GTC, DAY or GTD, or with a trigger.',
  LIST_NEEDS_TRIGGER: 'One order of an OCO has a trigger.',
  LIST_WORKING_MUST_REST: 'The first order of the list is a limit order that stays, without a trigger.',
  MARKET_TO_LIMIT_STAYS: 'A market-to-limit order stays (GTC, DAY or GTD) and is not post-only.',
  ACCOUNT_SUSPENDED: 'Your account is suspended. You can cancel orders and deposit; ask the operator for the rest.',
  KILL_SWITCH_ENGAGED: 'A kill switch is engaged: nothing is traded until it is released.',
  SWITCH_UNCHANGED: 'It is so already.',
  PRICE_OUT_OF_BAND: 'This price is too far from the market: orders are taken within a price band only.',
  POSITION_LIMIT: 'With this order you would come to have more of this asset than the market allows.',
  ORDER_RATE: 'Too many orders and changes in one second. Try again in a moment.',
  INVALID_DISPLAY: 'An iceberg or hidden order is a limit order that stays; an iceberg shows less than all, in at most 100 parts.',
  REDUCE_ONLY: 'A reduce-only order may not be for more than your position, less your other reduce-only orders.',
  INVALID_REDUCE_ONLY: 'Reduce-only orders are by quantity, in markets that fill orders by time.',
  INVALID_IMBALANCE_ONLY: 'Imbalance-only orders are limit orders at the open or the close.',
  INVALID_MIN_QTY: 'A minimum is at most the quantity, and not for post-only or fill-or-kill orders.',
  INVALID_PEG: 'A pegged order is a limit order that stays, without a trigger or a minimum, in markets that fill orders by time.',
  ORDER_PEGGED: 'A pegged order cannot be changed. Cancel it and place it anew.',
  INVALID_BANDS: 'A price band is at most 99.99 % wide.',
  INVALID_FEE_TIERS: 'Each fee tier needs more volume than the one before.',
  REBATE_NOT_COVERED: 'Open orders keep their rates, and a rebate would not be covered by the other side.',
  INVALID_MARGIN_TERMS: 'These terms for borrowing do not fit together.',
  NOT_A_MARGIN_ACCOUNT: 'Your account may not borrow. Ask the operator.',
  NOT_BORROWABLE: 'This asset cannot be borrowed.',
  BORROW_LIMIT: 'You would owe more of this asset than one account may. Borrow less.',
  NOTHING_BORROWED: 'You owe nothing of this asset.',
  INSUFFICIENT_MARGIN: 'Your collateral would not cover the debts and their initial margin.',
  ACCOUNT_OWES: 'The account owes something.',
  INVALID_AMOUNT: 'Give an amount above zero.',
  BALANCE_TOO_LARGE: 'The balance would be more than an account can hold.',
  SAME_ACCOUNT: 'A transfer needs two accounts.',
  DUPLICATE_REFERENCE: 'This was asked for before with another amount.',
  RESERVED_ACCOUNT: "The venue's own account does not trade.",
  ALREADY_LISTED: 'This symbol is listed already.',
  INVALID_ASSET: 'An asset has 0 to 18 decimals.',
  INVALID_ASSETS: 'A market trades one listed asset for another.',
  INVALID_STEP: 'Tick and lot are above zero.',
  INVALID_GRANULARITY: 'One lot at one tick must be worth a whole number of the smallest units of money.',
  INVALID_FEES: "A fee lies within 100 %, and a rebate is covered by the other side's fee.",
  INVALID_FILTERS: 'A least value lies above the greatest.',
  INVALID_ALLOCATION: 'The least share of an allocation by size is at least one lot.',
  TOO_MANY_LISTED: 'No more assets, markets or accounts can be numbered.',
};

/** What fails before the rules are asked. */
const FAILURES: Record<string, string> = {
  UNREACHABLE: 'The venue cannot be reached. Nothing was sent twice; look at your open orders before trying again.',
  OUTCOME_UNKNOWN: 'No answer came in time, and it may have been carried out. Look at your open orders before trying again.',
  BUSY: 'The venue is busy and did not take the order. Try again in a moment.',
  STOPPING: 'The venue is stopping; nothing was done. Try again when it is back.',
  RATE_LIMITED: 'Too many requests in a short time. Try again in a moment.',
  NOT_FOUND: 'This order is no longer open.',
  UNAUTHENTICATED: 'Your session has ended. Log in again.',
  UNAUTHORIZED: 'Your session has ended. Log in again.',
  ACCOUNT_NOT_OPEN: 'Your account is not open yet. Try again in a moment.',
  INTERNAL: 'The venue could not answer. Try again; if it goes on, tell the operator.',
};

/** Why an order ended, to follow "cancelled: ". A cause that is missing here fails a test. */
export const CAUSES: Record<CancelReason, string> = {
  USER: 'by you',
  IMMEDIATE_REMAINDER: 'it could not trade at once',
  FILL_OR_KILL: 'it could not be filled whole at once',
  BUDGET_SPENT: 'what was left of the money does not pay for one more lot',
  SELF_TRADE: 'it would have traded with an order of your own',
  LIST: 'another order of its list was filled, fired or ended',
  INSUFFICIENT_FUNDS: 'when its turn came, the free balance did not cover it',
  POST_ONLY_WOULD_TAKE: 'when its turn came, it would have traded at once, and it was post-only',
  NO_ROOM: 'when its turn came, the book had no room for it',
  OUTSIDE_LIMITS: "when its turn came, it was outside of the market's limits",
  NOT_TRADING: 'when its turn came, the market took no such orders',
  KILL_SWITCH: 'a kill switch was engaged',
  SUSPENDED: 'the account was suspended',
  PRICE_BAND: 'it would have traded outside of the price band',
  REDUCE_ONLY: 'the position that it was to reduce was smaller',
  MIN_QTY: 'its minimum could not trade at once',
  AUCTION_REMAINDER: 'the auction that it waited for left it over',
  LIQUIDATION: 'the account was liquidated',
  EXPIRED: 'its time was up',
};

/** Why an order ended, in words; the name itself where a newer venue has another cause. */
export const causeOf = (cause: CancelReason): string => (CAUSES as Record<string, string>)[cause] ?? cause.toLowerCase().replaceAll('_', ' ');

/** The same, to follow what became of the order: ` by you`, `: its time was up`. */
export const afterwards = (cause: CancelReason | null): string => (cause === null ? '' : cause === 'USER' ? ` ${CAUSES.USER}` : `: ${causeOf(cause)}`);

const WORDS: Record<string, string> = { ...REFUSALS, ...FAILURES };

/** The venue's own sentence stands in for a code that this table does not know. */
export function reasonOf(error: unknown): Reason {
  if (!(error instanceof ApiError)) return { text: 'The page failed: ' + String(error), code: 'PAGE' };
  const known = WORDS[error.code];
  if (known) return { text: known, code: error.code };
  return { text: sentence(error.detail), code: error.code };
}

export function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return 'The venue refused without a word.';
  const start = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
