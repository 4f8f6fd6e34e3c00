import { add, cmp, type Decimal, dec, decimalsOf, divDown, floorTo, isMultipleOf, isZero, mul, parse, plain, shown, sub, toScale, ZERO } from './decimal';
import { feeOn, type Level, take, takeValue, withoutFee } from './estimate';
import type { Instrument, OrderRequest, OrderType, SelfTradePrevention, SideName, TimeInForce } from './types';

/** What stands in the order form. `unit` says which asset the amount counts: quote is for market buys only. */
export interface Ticket {
  side: SideName;
  type: OrderType;
  timeInForce: TimeInForce;
  postOnly: boolean;
  /** Empty: as the market says. */
  ownOrders: SelfTradePrevention | '';
  price: string;
  amount: string;
  unit: 'base' | 'quote';
}

export interface Surface {
  instrument: Instrument;
  /** Levels an order of this side would take, best first. */
  opposite: Level[];
  freeBase: Decimal | null;
  freeQuote: Decimal | null;
}

export interface Complaint {
  field: 'price' | 'amount' | 'order';
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
export function complaints(ticket: Ticket, { instrument, freeBase, freeQuote }: Surface, guess: Estimate | null): Complaint[] {
  const found: Complaint[] = [];
  const say = (field: Complaint['field'], code: string, text: string) => void found.push({ field, code, text });
  if (ticket.type === 'limit' && ticket.price !== '') {
    const price = parse(ticket.price);
    if (!price || price.units <= 0n) say('price', 'BAD_PRICE', 'A price is a number above zero.');
    else if (!isMultipleOf(price, dec(instrument.tick_size)))
      say('price', 'PRICE_NOT_ON_TICK', `Prices move in steps of ${instrument.tick_size} ${instrument.quote}.`);
  }
  if (ticket.amount !== '') {
    const amount = parse(ticket.amount);
    if (!amount || amount.units <= 0n) say('amount', 'BAD_QUANTITY', 'A quantity is a number above zero.');
    else if (ticket.unit === 'base') complainOfQty(amount, instrument, say);
  }
  if (found.length > 0 || !guess) return found;
  const { base, quote } = instrument;
  if (cmp(guess.value, dec(instrument.min_notional ?? '0')) < 0 && !guess.beyondBook)
    say('amount', 'BELOW_MIN_NOTIONAL', `An order must be worth at least ${instrument.min_notional} ${quote}.`);
  if (ticket.side === 'buy' && freeQuote && cmp(guess.value, freeQuote) > 0)
    say('amount', 'INSUFFICIENT_FUNDS', `This needs ${shown(guess.total, 2)} ${quote}; ${shown(freeQuote, 2)} is free.`);
  if (ticket.side === 'sell' && freeBase && cmp(guess.qty, freeBase) > 0)
    say('amount', 'INSUFFICIENT_FUNDS', `You have ${shown(freeBase, 0)} ${base} free to sell.`);
  if (ticket.type === 'limit' && ticket.postOnly && guess.takes !== 'none')
    say('price', 'POST_ONLY_WOULD_TAKE', 'At this price the order would trade at once; post-only must rest.');
  return found;
}

function complainOfQty(qty: Decimal, { lot_size, min_qty, max_qty, base }: Instrument, say: (field: 'amount', code: string, text: string) => void) {
  if (!isMultipleOf(qty, dec(lot_size))) say('amount', 'QTY_NOT_ON_LOT', `Quantities move in steps of ${lot_size} ${base}.`);
  else if (cmp(qty, dec(min_qty)) < 0) say('amount', 'BELOW_MIN_QTY', `The least quantity is ${min_qty} ${base}.`);
  else if (max_qty !== null && !isZero(dec(max_qty)) && cmp(qty, dec(max_qty)) > 0) say('amount', 'ABOVE_MAX_QTY', `The greatest quantity is ${max_qty} ${base}.`);
}

/** The field that still has to be filled in, if any. */
export function missing(ticket: Ticket): 'price' | 'amount' | null {
  if (ticket.type === 'limit' && ticket.price === '') return 'price';
  return ticket.amount === '' ? 'amount' : null;
}

/** What the order would cost and do on the book as it is shown. Null while a field is empty or not a number. */
export function estimate(ticket: Ticket, { instrument, opposite }: Surface): Estimate | null {
  const limit = ticket.type === 'limit' ? parse(ticket.price) : null;
  const amount = parse(ticket.amount);
  if (!amount || amount.units <= 0n || (ticket.type === 'limit' && (!limit || limit.units <= 0n))) return null;
  const inQuote = ticket.unit === 'quote';
  const taken = inQuote
    ? takeValue(opposite, amount, dec(instrument.lot_size))
    : take(opposite, ticket.side, amount, limit);
  const rests = limit !== null && ticket.timeInForce === 'gtc' ? taken.left : ZERO;
  const restValue = limit ? mul(rests, limit) : ZERO;
  const qty = add(taken.qty, rests);
  const value = add(taken.value, restValue);
  const scale = quoteScale(instrument);
  const fee = add(feeOn(taken.value, instrument.taker_fee_ppm, scale), feeOn(restValue, instrument.maker_fee_ppm, scale));
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
  if (ticket.type === 'market') return opposite.length ? written(takeValue(opposite, budget, lot).qty) : null;
  const price = parse(ticket.price);
  if (!price || price.units <= 0n) return null;
  return written(floorTo(divDown(budget, price, lot.scale), lot));
}

/** The order as the venue takes it. Call when nothing is missing and there are no complaints. */
export function requestOf(ticket: Ticket, instrument: Instrument, clientOrderId: string): OrderRequest {
  const { symbol } = instrument;
  const amount = plain(dec(ticket.amount));
  const size = ticket.unit === 'quote' ? { quote_qty: amount } : { qty: amount };
  const own = ticket.ownOrders === '' ? {} : { self_trade_prevention: ticket.ownOrders };
  const common = { symbol, side: ticket.side, type: ticket.type, ...size, ...own, client_order_id: clientOrderId };
  if (ticket.type === 'market') return { ...common, time_in_force: 'ioc' };
  return { ...common, time_in_force: ticket.timeInForce, price: plain(dec(ticket.price)), post_only: ticket.postOnly };
}
