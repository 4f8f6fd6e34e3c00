import { dec, plain } from './decimal';
import { isList, mayHide, type Plan } from './plans';
import type { Ticket } from './ticket';
import type { Instrument, LegRequest, ListRequest, OrderRequest, OrderType, Trigger } from './types';

const TYPES: Record<Exclude<Plan, 'oco' | 'bracket'>, OrderType> = {
  limit: 'limit',
  market: 'market',
  stop: 'market',
  stop_limit: 'limit',
  take_profit: 'market',
  trailing_stop: 'market',
  market_to_limit: 'market_to_limit',
};

/** The order as the venue takes it. Call when nothing is missing and there are no complaints; not for a list. */
export function requestOf(ticket: Ticket, instrument: Instrument, clientOrderId: string): OrderRequest {
  const { symbol } = instrument;
  const { plan } = ticket;
  if (isList(plan)) throw new TypeError(`${plan} is a list`);
  const type = TYPES[plan];
  const size = ticket.unit === 'quote' ? { quote_qty: digits(ticket.amount) } : { qty: digits(ticket.amount) };
  const common = { symbol, side: ticket.side, type, ...size, ...triggerOf(ticket), ...own(ticket), client_order_id: clientOrderId };
  if (plan === 'market') return { ...common, time_in_force: 'ioc' };
  const price = type === 'limit' ? { price: digits(ticket.price) } : {};
  const part = ticket.show !== '' && mayHide(ticket, instrument) ? { display_qty: digits(ticket.show) } : {};
  return { ...common, ...lifetime(ticket), ...price, ...part, ...(plan === 'limit' ? { post_only: ticket.postOnly } : {}) };
}

/** An OCO or a bracket as the venue takes it. */
export function listOf(ticket: Ticket, { symbol }: Instrument, clientOrderId: string): ListRequest {
  const size = { qty: digits(ticket.amount), ...lifetime(ticket) };
  const common = { symbol, ...own(ticket), client_order_id: clientOrderId };
  const entry: LegRequest = { side: ticket.side, type: 'limit', price: digits(ticket.price), ...size };
  const stop: LegRequest = { side: ticket.side, type: 'market', ...size, trigger: { kind: 'stop', price: digits(ticket.trigger) } };
  if (ticket.plan === 'oco') return { ...common, type: 'oco', orders: [entry, stop] };
  const side = ticket.side === 'buy' ? 'sell' : 'buy';
  const profit: LegRequest = { side, type: 'limit', price: digits(ticket.profit), ...size };
  return { ...common, type: 'otoco', orders: [entry, profit, { ...stop, side }] };
}

function triggerOf(ticket: Ticket): { trigger?: Partial<Trigger> } {
  switch (ticket.plan) {
    case 'stop':
    case 'stop_limit':
      return { trigger: { kind: 'stop', price: digits(ticket.trigger) } };
    case 'take_profit':
      return { trigger: { kind: 'take_profit', price: digits(ticket.trigger) } };
    case 'trailing_stop': {
      const { units, scale } = dec(ticket.trail);
      const by = ticket.trailUnit === 'quote' ? { trail: digits(ticket.trail) } : { trail_bps: Number(units * 10n ** BigInt(2 - scale)) };
      return { trigger: { kind: 'stop', ...by } };
    }
    default:
      return {};
  }
}

function lifetime({ timeInForce, expires }: Ticket) {
  return { time_in_force: timeInForce, ...(timeInForce === 'gtd' ? { expires_at_ms: Date.parse(expires) } : {}) };
}

const own = ({ ownOrders }: Ticket) => (ownOrders === '' ? {} : { self_trade_prevention: ownOrders });
const digits = (text: string) => plain(dec(text));
