import { add, cmp, type Decimal, dec, parse, sub } from './decimal';
import type { Field, Surface, Ticket } from './ticket';
import type { Instrument, TimeInForce } from './types';

/** What a trader wants to do: a type of order, or several orders that hang together. */
export type Plan =
  | 'limit' | 'market' | 'stop' | 'stop_limit' | 'take_profit' | 'trailing_stop' | 'market_to_limit' | 'oco' | 'bracket';

/** The plans beside limit and market, as the form names and explains them. */
export const PLANS: [Plan, string, string][] = [
  ['stop', 'Stop', 'Waits until the market moves against you to the stop, then trades at once.'],
  ['stop_limit', 'Stop-limit', 'Waits for the stop, then comes as a limit order.'],
  ['take_profit', 'Take-profit', 'Waits until the market moves your way to the trigger, then trades at once.'],
  ['trailing_stop', 'Trailing stop', 'Follows the market at a distance, and trades at once when it turns by so much.'],
  ['market_to_limit', 'Market-to-limit', 'Trades at the best price there is; what is left rests there.'],
  ['oco', 'OCO', 'A limit order and a stop: whichever comes first cancels the other.'],
  ['bracket', 'Bracket', 'A limit order; when it is filled, a take-profit and a stop guard what it brought.'],
];

const FIELDS: Record<Plan, Field[]> = {
  limit: ['price', 'amount'],
  market: ['amount'],
  stop: ['trigger', 'amount'],
  stop_limit: ['trigger', 'price', 'amount'],
  take_profit: ['trigger', 'amount'],
  trailing_stop: ['trail', 'amount'],
  market_to_limit: ['amount'],
  oco: ['price', 'trigger', 'amount'],
  bracket: ['price', 'profit', 'trigger', 'amount'],
};

/** What has to be filled in, in the order in which it stands in the form. */
export const fieldsOf = (plan: Plan): Field[] => FIELDS[plan];

/** What a field is called under a plan. */
export function labelOf(field: Field, plan: Plan): string {
  if (field === 'trigger') return plan === 'take_profit' ? 'Trigger' : 'Stop';
  return { price: 'Price', trail: 'Trail', profit: 'Take profit', amount: 'Amount', show: 'Show' }[field];
}

/** Whether nothing of it comes to the book at once. */
export const isTriggered = (plan: Plan): boolean =>
  plan === 'stop' || plan === 'stop_limit' || plan === 'take_profit' || plan === 'trailing_stop';

/** Whether it is several orders. */
export const isList = (plan: Plan): plan is 'oco' | 'bracket' => plan === 'oco' || plan === 'bracket';

/** Whether what does not trade at once rests in the book. */
export const stays = (tif: TimeInForce): boolean => tif === 'gtc' || tif === 'day' || tif === 'gtd';

/** Whether an order may show a part of itself only: one that rests where levels go by time. */
export const mayHide = ({ plan, timeInForce }: Ticket, { allocation }: Instrument): boolean =>
  plan === 'limit' && stays(timeInForce) && allocation.type === 'fifo';

/** The price by which an order is valued before it trades: of an OCO the dearer one. Null while it is not known. */
export function priceOf(ticket: Ticket, { instrument, opposite, reference }: Pick<Surface, 'instrument' | 'opposite' | 'reference'>): Decimal | null {
  const { plan } = ticket;
  if (plan === 'market_to_limit') return opposite[0]?.price ?? null;
  if (plan === 'trailing_stop') return reference;
  if (plan === 'stop' || plan === 'take_profit') return parse(ticket.trigger);
  if (plan === 'limit' && ticket.postOnly && instrument.post_only_rule === 'reprice') return behind(ticket, instrument, opposite[0]?.price);
  const [price, stop] = [parse(ticket.price), parse(ticket.trigger)];
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
