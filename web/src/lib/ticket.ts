import { add, cmp, type Decimal, dec, decimalsOf, divDown, floorTo, isMultipleOf, isZero, mul, parse, plain, shown, sub, toScale, ZERO } from './decimal';
import { feeOn, type Level, take, takeValue, withoutFee } from './estimate';
import { atAuction, extrasOf, fieldsOf, isTriggered, type Plan, priceOf, stays, timeOf } from './plans';
import { whyNot, whyNotNow } from './rules';
import type { Instrument, PegTo, SelfTradePrevention, SideName, TimeInForce } from './types';

/** What stands in the order form. `unit` says which asset the amount counts: quote is for market buys only. */
export interface Ticket {
  side: SideName;
  plan: Plan;
  timeInForce: TimeInForce;
  /** When a `gtd` order ends, in the browser's own time: 2026-01-31T23:59. */
  expires: string;
  postOnly: boolean;
  /** Empty: as the market says. */
  ownOrders: SelfTradePrevention | '';
  price: string;
  /** The trigger price of a stop, take-profit or OCO; the stop of a bracket. */
  trigger: string;
  /** How far a trailing stop trails. */
  trail: string;
  trailUnit: TrailUnit;
  /** The price at which a trailing order begins to trail. Empty: at once. */
  activation: string;
  /** The take-profit price of a bracket. */
  profit: string;
  amount: string;
  unit: 'base' | 'quote';
  /** What of it shows in the book. */
  visible: 'all' | 'part' | 'hidden';
  /** How much of it shows at a time, where a part does. */
  show: string;
  /** So much trades at once, or nothing does. Empty: no such wish. */
  minimum: string;
  /** The same for the whole amount, whatever that is. */
  allOrNone: boolean;
  reduceOnly: boolean;
  imbalanceOnly: boolean;
  /** What its price follows, within `price`. Empty: nothing. */
  peg: PegTo | '';
  /** Ticks added to what is followed. Empty: none. */
  offset: string;
  /** The limit price of the stop of an OCO or a bracket. Empty: it trades at once. */
  stopLimit: string;
  /** The second order of an OTO: what it is, on which side, and its price. */
  thenKind: 'limit' | 'stop' | 'take_profit';
  thenSide: 'other' | 'same';
  then: string;
}

/** What a distance is counted in: hundredths of a percent are basis points. */
export type TrailUnit = 'percent' | 'bps' | 'quote' | 'ticks';

/** A form that nothing has been entered into. */
export const blank = (): Ticket => ({
  side: 'buy', plan: 'limit', timeInForce: 'gtc', expires: '', postOnly: false, ownOrders: '', price: '', trigger: '', trail: '',
  trailUnit: 'percent', activation: '', profit: '', amount: '', unit: 'base', visible: 'all', show: '', minimum: '', allOrNone: false,
  reduceOnly: false,
  imbalanceOnly: false,
  peg: '', offset: '', stopLimit: '', thenKind: 'limit', thenSide: 'other', then: '',
});

/** What must trade at once. Empty: nothing must. */
export const minimumOf = ({ minimum, allOrNone, amount }: Ticket): string => (allOrNone ? amount : minimum);

/** Whether something must trade at once, or nothing does. */
export const hasMinimum = ({ minimum, allOrNone }: Ticket): boolean => allOrNone || minimum !== '';

export interface Surface {
  instrument: Instrument;
  /** Levels an order of this side would take, best first. */
  opposite: Level[];
  freeBase: Decimal | null;
  freeQuote: Decimal | null;
  /** The price at which triggers look, where it is known. */
  reference: Decimal | null;
  /** The last trade's price. */
  last: Decimal | null;
  /** What a reduce-only order may still be for: the position less the other open ones. */
  room: Decimal | null;
}

export type Field =
  | 'price' | 'trigger' | 'trail' | 'profit' | 'then' | 'amount' | 'show' | 'minimum' | 'offset' | 'activation' | 'stopLimit';

export interface Complaint {
  field: Field | 'order';
  text: string;
  code: string;
}

export interface Estimate {
  qty: Decimal;
  value: Decimal;
  fee: Decimal;
  /** Paid for a buy, received for a sale, fee included. */
  total: Decimal;
  average: Decimal | null;
  /** How much of it would trade at once, as a quantity and in a word. */
  taken: Decimal;
  takes: 'all' | 'part' | 'none';
  /** True when the levels shown do not hold the whole quantity of an order that must trade now. */
  beyondBook: boolean;
}

/** Decimals to which quote amounts are estimated and asked for. */
export function quoteScale(instrument: Instrument): number {
  return Math.max(2, decimalsOf(instrument.tick_size));
}

/** What the venue would refuse, said before it is sent. An empty field is no complaint yet: see `missing`. */
export function complaints(ticket: Ticket, surface: Surface, guess: Estimate | null): Complaint[] {
  const { instrument, freeBase, freeQuote } = surface;
  const found: Complaint[] = [];
  const say: Say = (field, code, text) => void found.push({ field, code, text });
  const now = whyNotNow(ticket, instrument);
  if (now) say('order', now.code, now.text);
  complainOfPrices(ticket, instrument, say);
  if (ticket.amount !== '') {
    const amount = parse(ticket.amount);
    if (!amount || amount.units <= 0n) say('amount', 'BAD_QUANTITY', 'A quantity is a number above zero.');
    else if (ticket.unit === 'base') complainOfQty(amount, instrument, say);
  }
  complainOfParts(ticket, surface, say);
  if (ticket.plan !== 'market' && ticket.timeInForce === 'gtd' && !(Date.parse(ticket.expires) > Date.now()))
    say('order', 'EXPIRY_NOT_AHEAD', 'Give a time ahead of now at which the order is to end.');
  if (found.length === 0) complainOfSides(ticket, surface, say);
  if (found.length > 0 || !guess) return found;
  const { base, quote } = instrument;
  if (cmp(guess.value, dec(instrument.min_notional)) < 0 && !guess.beyondBook)
    say('amount', 'NOTIONAL_OUT_OF_RANGE', `An order must be worth at least ${instrument.min_notional} ${quote}.`);
  if (ticket.side === 'buy' && freeQuote && cmp(guess.value, freeQuote) > 0)
    say('amount', 'INSUFFICIENT_FUNDS', `This needs ${shown(guess.total, 2)} ${quote}; ${shown(freeQuote, 2)} is free.`);
  if (ticket.side === 'sell' && freeBase && cmp(guess.qty, freeBase) > 0)
    say('amount', 'INSUFFICIENT_FUNDS', `You have ${shown(freeBase, 0)} ${base} free to sell.`);
  if (ticket.plan === 'limit' && ticket.postOnly && guess.takes !== 'none')
    say('price', 'POST_ONLY_WOULD_TAKE', 'At this price the order would trade at once; post-only must rest.');
  return found;
}

type Say = (field: Complaint['field'], code: string, text: string) => void;

function complainOfQty(qty: Decimal, { lot_size, min_qty, max_qty, base }: Instrument, say: Say) {
  if (!isMultipleOf(qty, dec(lot_size))) say('amount', 'QTY_NOT_ON_LOT', `Quantities move in steps of ${lot_size} ${base}.`);
  else if (cmp(qty, dec(min_qty)) < 0) say('amount', 'QTY_OUT_OF_RANGE', `The least quantity is ${min_qty} ${base}.`);
  else if (!isZero(dec(max_qty)) && cmp(qty, dec(max_qty)) > 0) say('amount', 'QTY_OUT_OF_RANGE', `The greatest quantity is ${max_qty} ${base}.`);
}

/** An iceberg shows at most so many parts, one after the other. */
const PARTS_MAX = { units: 100n, scale: 0 };

/** Of the quantities that are parts of the amount, and of what a reduce-only order may be for. */
function complainOfParts(ticket: Ticket, { instrument, room }: Surface, say: Say) {
  const { lot_size, base } = instrument;
  const amount = parse(ticket.amount);
  const part = (field: 'show' | 'minimum') => {
    const value = parse(ticket[field]);
    if (!value || value.units <= 0n) say(field, 'BAD_QUANTITY', 'A quantity is a number above zero.');
    else if (!isMultipleOf(value, dec(lot_size))) say(field, 'QTY_NOT_ON_LOT', `Quantities move in steps of ${lot_size} ${base}.`);
    else return value;
    return null;
  };
  if (ticket.visible === 'part' && ticket.show !== '' && whyNot('part', ticket, instrument) === null) {
    const show = part('show');
    if (show && amount && cmp(show, amount) >= 0) say('show', 'INVALID_DISPLAY', 'Show less than the amount, or choose All.');
    else if (show && amount && cmp(amount, mul(show, PARTS_MAX)) > 0) say('show', 'INVALID_DISPLAY', 'At most 100 parts: show at least a hundredth.');
  }
  if (ticket.minimum !== '' && whyNot('minimum', ticket, instrument) === null) {
    const minimum = part('minimum');
    if (minimum && amount && cmp(minimum, amount) > 0) say('minimum', 'INVALID_MIN_QTY', 'The minimum is at most the amount.');
  }
  if (ticket.peg !== '' && ticket.offset !== '' && !ticksOf(ticket.offset)) say('offset', 'INVALID_FIELD', 'A whole number of ticks; below zero is lower.');
  const asked = ticket.reduceOnly && !isTriggered(ticket.plan) && stays(timeOf(ticket));
  if (asked && whyNot('reduce_only', ticket, instrument) === null && room && amount && cmp(amount, room) > 0)
    say('amount', 'REDUCE_ONLY', `Your position, less other reduce-only orders, is ${shown(room, 0)} ${base}.`);
}

const TICKS_MAX = 2n ** 31n - 1n;

/** A whole number of ticks, or null. */
export function ticksOf(text: string): Decimal | null {
  const value = parse(text);
  return value && value.scale === 0 && value.units <= TICKS_MAX && value.units >= -TICKS_MAX ? value : null;
}

/** Every price and distance is a number above zero on the tick. */
function complainOfPrices(ticket: Ticket, instrument: Instrument, say: Say) {
  for (const field of [...fieldsOf(ticket.plan), ...extrasOf(ticket.plan)]) {
    if (field === 'amount' || ticket[field] === '') continue;
    if (field === 'trail') complainOfTrail(ticket, instrument, say);
    else complainOfPrice(field, ticket[field], instrument, say);
  }
}

function complainOfPrice(field: Field, text: string, { tick_size, quote }: Instrument, say: Say, what = 'A price') {
  const value = parse(text);
  if (!value || value.units <= 0n) say(field, 'BAD_PRICE', `${what} is a number above zero.`);
  else if (!isMultipleOf(value, dec(tick_size))) say(field, 'PRICE_NOT_ON_TICK', `Prices move in steps of ${tick_size} ${quote}.`);
}

function complainOfTrail({ trail, trailUnit }: Ticket, instrument: Instrument, say: Say) {
  const value = parse(trail);
  if (trailUnit === 'quote' || !value || value.units <= 0n) complainOfPrice('trail', trail, instrument, say, 'A distance');
  else if (trailUnit === 'ticks') {
    if (!ticksOf(trail)) say('trail', 'INVALID_TRIGGER', 'A whole number of ticks, at least one.');
  } else {
    const points = pointsOf(value, trailUnit);
    const steps = trailUnit === 'percent' ? 'Between 0.01 % and 99.99 %, in steps of 0.01 %.' : 'Between 1 and 9,999 basis points.';
    if (points === null || points > 9_999) say('trail', 'INVALID_TRIGGER', steps);
  }
}

/** Basis points of a distance, or null where it is finer than they are. */
export function pointsOf(value: Decimal, unit: 'percent' | 'bps'): number | null {
  const scale = unit === 'percent' ? 2 : 0;
  return value.scale > scale ? null : Number(toScale(value, scale).units);
}

/** A stop stands on the losing side of the market and of its order, a take-profit on the winning one. */
function complainOfSides(ticket: Ticket, { reference, instrument, opposite }: Surface, say: Say) {
  const sign = ticket.side === 'buy' ? 1 : -1;
  const side = (field: Field, than: Decimal | null) => {
    const value = parse(ticket[field]);
    return value && than ? Math.sign(cmp(value, than)) * sign : null;
  };
  const word = (above: boolean) => (above === (ticket.side === 'buy') ? 'above' : 'below');
  const refuses = instrument.trigger_at_entry === 'refuse';
  const now = reference ? shown(reference, decimalsOf(instrument.tick_size)) : '';
  const stop = ticket.plan === 'stop' || ticket.plan === 'stop_limit' || ticket.plan === 'oco';
  const profit = ticket.plan === 'take_profit' || ticket.plan === 'take_profit_limit';
  if (stop && (refuses || ticket.plan === 'oco') && (side('trigger', reference) ?? 1) <= 0)
    say('trigger', 'TRIGGER_ALREADY_MET', `A ${ticket.side} stop waits ${word(true)} the market, which is at ${now}.`);
  if (profit && refuses && (side('trigger', reference) ?? -1) >= 0)
    say('trigger', 'TRIGGER_ALREADY_MET', `A ${ticket.side} take-profit waits ${word(false)} the market, which is at ${now}.`);
  if (ticket.plan === 'oco' && (side('price', opposite[0]?.price ?? null) ?? -1) >= 0)
    say('price', 'POST_ONLY_WOULD_TAKE', 'The limit order of an OCO must rest; at this price it would trade at once.');
  if (ticket.plan !== 'bracket') return;
  const entry = parse(ticket.price);
  if ((side('profit', entry) ?? 1) <= 0) say('profit', 'BRACKET_SIDES', `Profit is taken ${word(true)} the price of the ${ticket.side}.`);
  if ((side('trigger', entry) ?? -1) >= 0) say('trigger', 'BRACKET_SIDES', `The stop stands ${word(false)} the price of the ${ticket.side}.`);
}

/** The field that still has to be filled in, if any. */
export function missing(ticket: Ticket): Field | null {
  const fields: Field[] = ticket.visible === 'part' ? [...fieldsOf(ticket.plan), 'show'] : fieldsOf(ticket.plan);
  return fields.find((field) => ticket[field] === '') ?? null;
}

/** What the order would cost and do on the book as it is shown. Null while a field is empty or not a number. */
export function estimate(ticket: Ticket, surface: Surface): Estimate | null {
  const { instrument } = surface;
  const auction = atAuction(ticket.timeInForce);
  const needsPrice = ticket.plan !== 'market' || auction;
  const limit = needsPrice ? priceOf(ticket, surface) : null;
  const amount = parse(ticket.amount);
  if (!amount || amount.units <= 0n || (needsPrice && (!limit || limit.units <= 0n))) return null;
  const waits = isTriggered(ticket.plan) || auction;
  // The limit order of an OCO must rest, and where a peg takes it to is not its limit. While an auction collects nothing trades.
  const takesNothing = waits || ticket.plan === 'oco' || ticket.peg !== '' || instrument.phase !== 'continuous';
  const opposite = takesNothing ? [] : surface.opposite;
  const inQuote = ticket.unit === 'quote';
  const taken = inQuote
    ? takeValue(opposite, amount, dec(instrument.lot_size))
    : take(opposite, ticket.side, amount, limit);
  const rests = limit !== null && (waits || stays(timeOf(ticket))) ? taken.left : ZERO;
  const restValue = limit ? mul(rests, limit) : ZERO;
  const qty = add(taken.qty, rests);
  const value = add(taken.value, restValue);
  const scale = quoteScale(instrument);
  const restFee = waits ? instrument.taker_fee_ppm : instrument.maker_fee_ppm;
  const fee = add(feeOn(taken.value, instrument.taker_fee_ppm, scale), feeOn(restValue, restFee, scale));
  return {
    qty,
    value,
    fee,
    total: ticket.side === 'buy' ? add(value, fee) : sub(value, fee),
    average: isZero(qty) ? null : divDown(value, qty, decimalsOf(instrument.tick_size)),
    taken: taken.qty,
    takes: isZero(taken.qty) ? 'none' : isZero(taken.left) ? 'all' : 'part',
    beyondBook: isZero(rests) && !isZero(taken.left),
  };
}

/** The amount for a share of the free balance in hundredths, a whole number of lots, or null when it cannot be told. */
export function shareOf(percent: number, ticket: Ticket, surface: Surface): string | null {
  const { instrument, freeBase, freeQuote, opposite } = surface;
  const lot = dec(instrument.lot_size);
  const part = (free: Decimal) => mul(free, { units: BigInt(percent), scale: 2 });
  const written = (qty: Decimal) => plain(toScale(qty, decimalsOf(instrument.lot_size)));
  if (ticket.side === 'sell') return freeBase && written(floorTo(part(freeBase), lot));
  if (!freeQuote) return null;
  const budget = withoutFee(part(freeQuote), instrument.taker_fee_ppm, quoteScale(instrument));
  if (ticket.unit === 'quote') return plain(budget);
  if (ticket.plan === 'market') return opposite.length ? written(takeValue(opposite, budget, lot).qty) : null;
  const price = priceOf(ticket, surface);
  if (!price || price.units <= 0n) return null;
  return written(floorTo(divDown(budget, price, lot.scale), lot));
}
