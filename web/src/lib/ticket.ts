import { add, cmp, type Decimal, dec, decimalsOf, divDown, floorTo, isMultipleOf, isZero, mul, parse, plain, shown, sub, toScale, ZERO } from './decimal';
import { feeOn, type Level, take, takeValue, withoutFee } from './estimate';
import { fieldsOf, isTriggered, mayHide, type Plan, priceOf, stays } from './plans';
import type { Instrument, SelfTradePrevention, SideName, TimeInForce } from './types';

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
  trailUnit: 'quote' | 'percent';
  /** The take-profit price of a bracket. */
  profit: string;
  amount: string;
  unit: 'base' | 'quote';
  /** How much of it shows in the book at a time. Empty: all of it. */
  show: string;
}

export interface Surface {
  instrument: Instrument;
  /** Levels an order of this side would take, best first. */
  opposite: Level[];
  freeBase: Decimal | null;
  freeQuote: Decimal | null;
  /** The price at which triggers look, where it is known. */
  reference: Decimal | null;
}

export type Field = 'price' | 'trigger' | 'trail' | 'profit' | 'amount' | 'show';

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
  /** How much of it would trade at once. */
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
  const say = (field: Complaint['field'], code: string, text: string) => void found.push({ field, code, text });
  complainOfPrices(ticket, instrument, say);
  if (ticket.amount !== '') {
    const amount = parse(ticket.amount);
    if (!amount || amount.units <= 0n) say('amount', 'BAD_QUANTITY', 'A quantity is a number above zero.');
    else if (ticket.unit === 'base') complainOfQty(amount, instrument, say);
  }
  if (ticket.show !== '' && mayHide(ticket, instrument)) complainOfShow(ticket, instrument, say);
  if (ticket.plan !== 'market' && ticket.timeInForce === 'gtd' && !(Date.parse(ticket.expires) > Date.now()))
    say('order', 'EXPIRY_NOT_AHEAD', 'Give a time ahead of now at which the order is to end.');
  if (found.length === 0) complainOfSides(ticket, surface, say);
  if (found.length > 0 || !guess) return found;
  const { base, quote } = instrument;
  if (cmp(guess.value, dec(instrument.min_notional ?? '0')) < 0 && !guess.beyondBook)
    say('amount', 'BELOW_MIN_NOTIONAL', `An order must be worth at least ${instrument.min_notional} ${quote}.`);
  if (ticket.side === 'buy' && freeQuote && cmp(guess.value, freeQuote) > 0)
    say('amount', 'INSUFFICIENT_FUNDS', `This needs ${shown(guess.total, 2)} ${quote}; ${shown(freeQuote, 2)} is free.`);
  if (ticket.side === 'sell' && freeBase && cmp(guess.qty, freeBase) > 0)
    say('amount', 'INSUFFICIENT_FUNDS', `You have ${shown(freeBase, 0)} ${base} free to sell.`);
  if (ticket.plan === 'limit' && ticket.postOnly && guess.takes !== 'none')
    say('price', 'POST_ONLY_WOULD_TAKE', 'At this price the order would trade at once; post-only must rest.');
  return found;
}

function complainOfQty(qty: Decimal, { lot_size, min_qty, max_qty, base }: Instrument, say: (field: 'amount', code: string, text: string) => void) {
  if (!isMultipleOf(qty, dec(lot_size))) say('amount', 'QTY_NOT_ON_LOT', `Quantities move in steps of ${lot_size} ${base}.`);
  else if (cmp(qty, dec(min_qty)) < 0) say('amount', 'BELOW_MIN_QTY', `The least quantity is ${min_qty} ${base}.`);
  else if (max_qty !== null && !isZero(dec(max_qty)) && cmp(qty, dec(max_qty)) > 0) say('amount', 'ABOVE_MAX_QTY', `The greatest quantity is ${max_qty} ${base}.`);
}

function complainOfShow(ticket: Ticket, { lot_size, base }: Instrument, say: (field: 'show', code: string, text: string) => void) {
  const [show, amount] = [parse(ticket.show), parse(ticket.amount)];
  if (!show || show.units <= 0n) say('show', 'BAD_QUANTITY', 'A quantity is a number above zero; leave it empty to show all.');
  else if (!isMultipleOf(show, dec(lot_size))) say('show', 'QTY_NOT_ON_LOT', `Quantities move in steps of ${lot_size} ${base}.`);
  else if (amount && cmp(show, amount) >= 0) say('show', 'INVALID_DISPLAY', 'Show less than the amount, or leave it empty to show all.');
}

/** Every price and distance is a number above zero on the tick. */
function complainOfPrices(ticket: Ticket, instrument: Instrument, say: (field: Field, code: string, text: string) => void) {
  for (const field of fieldsOf(ticket.plan)) {
    if (field === 'amount' || field === 'show' || ticket[field] === '') continue;
    const value = parse(ticket[field]);
    const percent = field === 'trail' && ticket.trailUnit === 'percent';
    const what = field === 'trail' ? 'A distance' : 'A price';
    if (!value || value.units <= 0n) say(field, 'BAD_PRICE', `${what} is a number above zero.`);
    else if (percent) {
      if (value.scale > 2 || cmp(value, dec('100')) >= 0) say(field, 'INVALID_TRIGGER', 'Between 0.01 % and 99.99 %, in steps of 0.01 %.');
    } else if (!isMultipleOf(value, dec(instrument.tick_size)))
      say(field, 'PRICE_NOT_ON_TICK', `Prices move in steps of ${instrument.tick_size} ${instrument.quote}.`);
  }
}

/** A stop stands on the losing side of the market and of its order, a take-profit on the winning one. */
function complainOfSides(ticket: Ticket, { reference, instrument, opposite }: Surface, say: (field: Field, code: string, text: string) => void) {
  const sign = ticket.side === 'buy' ? 1 : -1;
  const side = (field: Field, than: Decimal | null) => {
    const value = parse(ticket[field]);
    return value && than ? Math.sign(cmp(value, than)) * sign : null;
  };
  const word = (above: boolean) => (above === (ticket.side === 'buy') ? 'above' : 'below');
  const refuses = instrument.trigger_at_entry === 'refuse';
  const now = reference ? shown(reference, decimalsOf(instrument.tick_size)) : '';
  const stop = ticket.plan === 'stop' || ticket.plan === 'stop_limit' || ticket.plan === 'oco';
  if (stop && (refuses || ticket.plan === 'oco') && (side('trigger', reference) ?? 1) <= 0)
    say('trigger', 'TRIGGER_ALREADY_MET', `A ${ticket.side} stop waits ${word(true)} the market, which is at ${now}.`);
  if (ticket.plan === 'take_profit' && refuses && (side('trigger', reference) ?? -1) >= 0)
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
  return fieldsOf(ticket.plan).find((field) => ticket[field] === '') ?? null;
}

/** What the order would cost and do on the book as it is shown. Null while a field is empty or not a number. */
export function estimate(ticket: Ticket, surface: Surface): Estimate | null {
  const { instrument } = surface;
  const needsPrice = ticket.plan !== 'market';
  const limit = needsPrice ? priceOf(ticket, surface) : null;
  const amount = parse(ticket.amount);
  if (!amount || amount.units <= 0n || (needsPrice && (!limit || limit.units <= 0n))) return null;
  const waits = isTriggered(ticket.plan);
  // The limit order of an OCO must rest.
  const opposite = waits || ticket.plan === 'oco' ? [] : surface.opposite;
  const inQuote = ticket.unit === 'quote';
  const taken = inQuote
    ? takeValue(opposite, amount, dec(instrument.lot_size))
    : take(opposite, ticket.side, amount, limit);
  const rests = limit !== null && (waits || stays(ticket.timeInForce)) ? taken.left : ZERO;
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
