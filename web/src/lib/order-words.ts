import { dec, shown } from './decimal';
import type { Order } from './types';

/** Open, but in no book: it waits for a trigger, or for another order of its list to be filled. */
export const inNoBook = (order: Order): boolean => order.status === 'waiting' || order.status === 'pending_new';

/** What kind of order it is, as a trader calls it. */
export function typeOf({ type, trigger, display_qty }: Order): string {
  if (!trigger && display_qty !== null) return 'Iceberg';
  if (!trigger) return { limit: 'Limit', market: 'Market', market_to_limit: 'Market-to-limit' }[type];
  if (trigger.trail !== null || trigger.trail_bps !== null) return type === 'limit' ? 'Trailing limit' : 'Trailing stop';
  const name = trigger.kind === 'stop' ? 'Stop' : 'Take-profit';
  return type === 'limit' ? `${name}-limit` : name;
}

/** What fires it: `≤ 59,000.00`, `trails 1 %`, `trails 50.00 from ≥ 61,000.00`. */
export function triggerOf({ side, trigger }: Order, priceScale: number): string {
  if (!trigger) return '';
  const rises = (side === 'buy') === (trigger.kind === 'stop');
  const price = trigger.price === null ? '' : `${rises ? '≥' : '≤'} ${shown(dec(trigger.price), priceScale)}`;
  const { trail, trail_bps } = trigger;
  if (trail === null && trail_bps === null) return price;
  const by = trail === null ? `${shown({ units: BigInt(trail_bps!), scale: 2 }, 0)} %` : shown(dec(trail), priceScale);
  return `trails ${by}${price && ` from ${price}`}`;
}

/** Where an open order is: in the book, or what it waits for. */
export function waitsFor(order: Order, priceScale: number): string {
  if (order.status === 'pending_new') return `fill of #${order.list_id}`;
  if (order.status === 'waiting') return triggerOf(order, priceScale);
  return '';
}
