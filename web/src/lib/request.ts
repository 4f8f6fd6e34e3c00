import { cmp, dec, type Decimal, mul, parse, plain } from './decimal';
import { isLimit, isList, isTriggered, type Plan, timeOf } from './plans';
import { minimumOf, pointsOf, type Ticket } from './ticket';
import type { Instrument, LegRequest, ListRequest, OrderRequest, OrderType } from './types';

const TYPES: Record<Exclude<Plan, 'oco' | 'oto' | 'bracket'>, OrderType> = {
  limit: 'limit',
  market: 'market',
  stop: 'market',
  stop_limit: 'limit',
  take_profit: 'market',
  take_profit_limit: 'limit',
  trailing_stop: 'market',
  trailing_limit: 'limit',
  market_to_limit: 'market_to_limit',
};

/**
 * The order as the venue takes it. Call when nothing is missing and there are no complaints; not for a list. `reference` is
 * the price at which triggers look, where it is known.
 */
export function requestOf(ticket: Ticket, instrument: Instrument, clientOrderId: string, reference: Decimal | null = null): OrderRequest {
  const { symbol } = instrument;
  const { plan } = ticket;
  if (isList(plan)) throw new TypeError(`${plan} is a list`);
  const type = TYPES[plan];
  const size = ticket.unit === 'quote' ? { quote_qty: digits(ticket.amount) } : { qty: digits(ticket.amount) };
  return {
    symbol, side: ticket.side, type, ...size, ...lifetime(ticket),
    ...(type === 'limit' ? { price: digits(ticket.price) } : {}),
    ...(isTriggered(plan) ? { trigger: triggerOf(ticket, instrument, reference) } : {}),
    ...attributes(ticket), ...own(ticket), client_order_id: clientOrderId,
  };
}

/** What the form leaves out is not sent: the venue's default is the same. */
function attributes(ticket: Ticket): Partial<OrderRequest> {
  const { visible, show, reduceOnly, imbalanceOnly, peg, offset, postOnly } = ticket;
  const minimum = minimumOf(ticket);
  return {
    ...(isLimit(ticket.plan) ? { post_only: postOnly } : {}),
    ...(visible === 'part' ? { display_qty: digits(show) } : visible === 'hidden' ? { display_qty: '0' } : {}),
    ...(minimum === '' ? {} : { min_qty: digits(minimum) }),
    ...(reduceOnly ? { reduce_only: true } : {}),
    ...(imbalanceOnly ? { imbalance_only: true } : {}),
    ...(peg === '' ? {} : { peg: { to: peg, offset_ticks: offset === '' ? 0 : Number(dec(offset).units) } }),
  };
}

/** An OCO, an OTO or a bracket as the venue takes it. */
export function listOf(ticket: Ticket, { symbol }: Instrument, clientOrderId: string): ListRequest {
  const size = { qty: digits(ticket.amount), ...lifetime(ticket) };
  const common = { symbol, ...own(ticket), client_order_id: clientOrderId };
  const entry: LegRequest = { side: ticket.side, type: 'limit', price: digits(ticket.price), ...size, ...(ticket.postOnly ? { post_only: true } : {}) };
  const other = ticket.side === 'buy' ? 'sell' : 'buy';
  if (ticket.plan === 'oto') {
    const second: LegRequest = { side: ticket.thenSide === 'same' ? ticket.side : other, ...secondOf(ticket), ...size };
    return { ...common, type: 'oto', orders: [entry, second] };
  }
  const limit = ticket.stopLimit === '' ? { type: 'market' as const } : { type: 'limit' as const, price: digits(ticket.stopLimit) };
  const stop = { ...limit, ...size, trigger: { kind: 'stop' as const, price: digits(ticket.trigger) } };
  if (ticket.plan === 'oco') return { ...common, type: 'oco', orders: [entry, { side: ticket.side, ...stop }] };
  const profit: LegRequest = { side: other, type: 'limit', price: digits(ticket.profit), ...size };
  return { ...common, type: 'otoco', orders: [entry, profit, { side: other, ...stop }] };
}

function secondOf({ thenKind, then }: Ticket): Pick<LegRequest, 'type' | 'price' | 'trigger'> {
  return thenKind === 'limit' ? { type: 'limit', price: digits(then) } : { type: 'market', trigger: { kind: thenKind, price: digits(then) } };
}

function triggerOf(ticket: Ticket, instrument: Instrument, reference: Decimal | null): OrderRequest['trigger'] {
  switch (ticket.plan) {
    case 'stop':
    case 'stop_limit':
      return { kind: 'stop', price: digits(ticket.trigger) };
    case 'take_profit':
    case 'take_profit_limit':
      return { kind: 'take_profit', price: digits(ticket.trigger) };
    default: {
      const begins = ticket.activation === '' ? {} : { price: digits(ticket.activation) };
      return { kind: kindOf(ticket, reference), ...begins, ...distance(ticket, instrument) };
    }
  }
}

/** From which side the market comes to the price at which an order begins to trail: it stands on the other one. */
function kindOf({ activation, side }: Ticket, reference: Decimal | null): 'stop' | 'take_profit' {
  const at = parse(activation);
  if (!at) return 'stop';
  if (!reference) return 'take_profit';
  return (cmp(at, reference) > 0) === (side === 'buy') ? 'stop' : 'take_profit';
}

function distance({ trail, trailUnit }: Ticket, { tick_size }: Instrument): { trail?: string; trail_bps?: number } {
  if (trailUnit === 'quote') return { trail: digits(trail) };
  if (trailUnit === 'ticks') return { trail: plain(mul(dec(trail), dec(tick_size))) };
  return { trail_bps: pointsOf(dec(trail), trailUnit) ?? 0 };
}

function lifetime(ticket: Ticket) {
  return { time_in_force: timeOf(ticket), ...(ticket.timeInForce === 'gtd' && ticket.plan !== 'market' ? { expires_at_ms: Date.parse(ticket.expires) } : {}) };
}

const own = ({ ownOrders }: Ticket) => (ownOrders === '' ? {} : { self_trade_prevention: ownOrders });
const digits = (text: string) => plain(dec(text));
