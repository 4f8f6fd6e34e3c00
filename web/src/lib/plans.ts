import { add, cmp, type Decimal, dec, parse, sub } from './decimal';
import type { Field, Surface, Ticket } from './ticket';
import type { Instrument, TimeInForce } from './types';

/** What a trader wants to do: a type of order, or several orders that hang together. */
export type Plan =
  | 'limit' | 'market' | 'stop' | 'stop_limit' | 'take_profit' | 'take_profit_limit' | 'trailing_stop' | 'trailing_limit'
  | 'market_to_limit' | 'oco' | 'oto' | 'bracket';

/** The plans beside limit and market, as the form names and explains them. */
export const PLANS: [Plan, string, string][] = [
  ['stop', 'Stop', 'Waits until the market moves against you to the stop, then trades at once.'],
  ['stop_limit', 'Stop-limit', 'Waits for the stop, then comes as a limit order.'],
  ['take_profit', 'Take-profit', 'Waits until the market moves your way to the trigger, then trades at once.'],
  ['take_profit_limit', 'Take-profit-limit', 'Waits until the market moves your way to the trigger, then comes as a limit order.'],
  ['trailing_stop', 'Trailing stop', 'Follows the market at a distance, and trades at once when it turns by so much.'],
  ['trailing_limit', 'Trailing limit', 'Follows the market at a distance, and comes as a limit order when it turns by so much.'],
  ['market_to_limit', 'Market-to-limit', 'Trades at the best price there is; what is left rests there.'],
  ['oco', 'OCO', 'A limit order and a stop: whichever comes first cancels the other.'],
  ['oto', 'OTO', 'A limit order; when it is filled whole, a second order comes.'],
  ['bracket', 'Bracket', 'A limit order; when it is filled, a take-profit and a stop guard what it brought.'],
];

const FIELDS: Record<Plan, Field[]> = {
  limit: ['price', 'amount'],
  market: ['amount'],
  stop: ['trigger', 'amount'],
  stop_limit: ['trigger', 'price', 'amount'],
  take_profit: ['trigger', 'amount'],
  take_profit_limit: ['trigger', 'price', 'amount'],
  trailing_stop: ['trail', 'amount'],
  trailing_limit: ['trail', 'price', 'amount'],
  market_to_limit: ['amount'],
  oco: ['price', 'trigger', 'amount'],
  oto: ['price', 'then', 'amount'],
  bracket: ['price', 'profit', 'trigger', 'amount'],
};

/** What has to be filled in, in the order in which it stands in the form. */
export const fieldsOf = (plan: Plan): Field[] => FIELDS[plan];

/** What may be left empty, and belongs to the plan alone. */
export function extrasOf(plan: Plan): Field[] {
  if (isTrailing(plan)) return ['activation'];
  return plan === 'oco' || plan === 'bracket' ? ['stopLimit'] : [];
}

const LABELS: Record<Field, string> = {
  price: 'Price', trigger: 'Stop', trail: 'Trail', profit: 'Take profit', then: 'Then at', amount: 'Amount', show: 'Show',
  minimum: 'Minimum', offset: 'Offset', activation: 'Begins at', stopLimit: "Stop's limit",
};

/** What a field is called in a ticket. */
export function labelOf(field: Field, { plan, peg }: Pick<Ticket, 'plan' | 'peg'>): string {
  if (field === 'trigger' && plan.startsWith('take_profit')) return 'Trigger';
  if (field === 'price' && peg !== '') return 'Limit';
  return LABELS[field];
}

/** Whether it waits for a price before anything of it comes to the book. */
export const isTriggered = (plan: Plan): boolean =>
  plan === 'stop' || plan === 'stop_limit' || plan === 'take_profit' || plan === 'take_profit_limit' || isTrailing(plan);

export const isTrailing = (plan: Plan): boolean => plan === 'trailing_stop' || plan === 'trailing_limit';

/** Whether it is several orders. */
export const isList = (plan: Plan): plan is 'oco' | 'oto' | 'bracket' => plan === 'oco' || plan === 'oto' || plan === 'bracket';

/** Whether it is one order with a price of its own. */
export const isLimit = (plan: Plan): boolean =>
  plan === 'limit' || plan === 'stop_limit' || plan === 'take_profit_limit' || plan === 'trailing_limit';

/** Whether what does not trade at once rests in the book. */
export const stays = (tif: TimeInForce): boolean => tif === 'gtc' || tif === 'day' || tif === 'gtd';

/** Whether it waits for the opening or the closing auction. */
export const atAuction = (tif: TimeInForce): boolean => tif === 'at_open' || tif === 'at_close';

/** How long the order of a ticket stays: a market order never does. */
export function timeOf({ plan, timeInForce }: Pick<Ticket, 'plan' | 'timeInForce'>): TimeInForce {
  return plan === 'market' && stays(timeInForce) ? 'ioc' : timeInForce;
}

/** The price by which an order is valued before it trades: of an OCO the dearer one. Null while it is not known. */
export function priceOf(ticket: Ticket, { instrument, opposite, reference, last }: Pick<Surface, 'instrument' | 'opposite' | 'reference' | 'last'>): Decimal | null {
  const { plan } = ticket;
  if (plan === 'market_to_limit') return opposite[0]?.price ?? null;
  if (plan === 'market') return atAuction(ticket.timeInForce) ? last : null;
  if (plan === 'trailing_stop') return parse(ticket.activation) ?? reference;
  if (plan === 'stop' || plan === 'take_profit') return parse(ticket.trigger);
  if (plan === 'limit' && ticket.postOnly && instrument.post_only_rule === 'reprice') return behind(ticket, instrument, opposite[0]?.price);
  const price = parse(ticket.price);
  const stop = parse(ticket.stopLimit) ?? parse(ticket.trigger);
  return plan === 'oco' && ticket.side === 'buy' && price && stop && cmp(stop, price) > 0 ? stop : price;
}

/** Where a post-only order rests that is repriced: no nearer than a tick behind the other side's best. */
function behind({ side, price }: Ticket, { tick_size }: Instrument, best: Decimal | undefined): Decimal | null {
  const asked = parse(price);
  if (!asked || !best) return asked;
  const tick = dec(tick_size);
  const most = side === 'buy' ? sub(best, tick) : add(best, tick);
  const would = side === 'buy' ? cmp(asked, most) > 0 : cmp(asked, most) < 0;
  return would ? most : asked;
}
