import { cmp, dec, isZero, shown } from './decimal';
import type { Order, SelfTradePrevention, TimeInForce } from './types';

/** Open, but in no book: it waits for a trigger, or for another order of its list to be filled. */
export const inNoBook = (order: Order): boolean => order.status === 'waiting' || order.status === 'pending_new';

/** What kind of order it is, as a trader calls it. */
export function typeOf({ type, trigger, display_qty, peg }: Order): string {
  if (!trigger && peg) return 'Pegged';
  if (!trigger && display_qty !== null) return isZero(dec(display_qty)) ? 'Hidden' : 'Iceberg';
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
  if (order.status === 'waiting') return order.trigger ? triggerOf(order, priceScale) : AUCTIONS[order.time_in_force] ?? '';
  return '';
}

const AUCTIONS: Partial<Record<TimeInForce, string>> = { at_open: 'the opening auction', at_close: 'the closing auction' };

const TIMES: Record<TimeInForce, [text: string, title: string]> = {
  gtc: ['GTC', 'Good till cancelled'],
  ioc: ['IOC', 'Immediate or cancel'],
  fok: ['FOK', 'Fill or kill'],
  day: ['DAY', 'Until the market closes'],
  gtd: ['GTD', 'Good till date'],
  at_open: ['at open', 'Waits for the opening auction'],
  at_close: ['at close', 'Waits for the closing auction'],
};

/** How long it stays, short and in full. */
export const timeWords = ({ time_in_force }: Order): [text: string, title: string] => TIMES[time_in_force];

const PEGS = { primary: 'own best', market: 'other best', mid: 'middle' };

export interface Tag {
  text: string;
  title: string;
}

/** What an order has beside its type, side, price and amount, as short tags with what they mean. */
export function tagsOf(order: Order, priceScale: number): Tag[] {
  const { post_only, reduce_only, imbalance_only, display_qty, min_qty, qty, peg, list_id, status } = order;
  const tags: Tag[] = [];
  const tag = (text: string, title: string) => void tags.push({ text, title });
  if (peg) {
    const offset = peg.offset_ticks === 0 ? '' : peg.offset_ticks > 0 ? ` +${peg.offset_ticks}` : ` −${-peg.offset_ticks}`;
    tag(`${PEGS[peg.to]}${offset}`, `Its price follows the ${peg.to === 'mid' ? 'middle' : `best price of ${peg.to === 'primary' ? 'its own' : 'the other'} side`}${offset && `,${offset} ticks`}`);
    tag(`limit ${shown(dec(peg.limit), priceScale)}`, 'It does not follow beyond this price, and holds for it');
  }
  if (post_only) tag('post-only', 'Never trades at once');
  if (reduce_only) tag('reduce-only', 'Never sells more than the position');
  if (imbalance_only) tag('imbalance-only', 'Trades only what the auction leaves over on the other side, at its price');
  if (display_qty !== null) {
    if (isZero(dec(display_qty))) tag('hidden', 'Nothing of it shows; it trades behind those at its price that do');
    else tag(`shows ${shown(dec(display_qty), 0)}`, 'So much of it shows in the book at a time');
  }
  if (min_qty && !isZero(dec(min_qty))) {
    if (qty !== null && cmp(dec(min_qty), dec(qty)) >= 0) tag('all or none', 'All of it trades when it comes, or nothing');
    else tag(`min ${shown(dec(min_qty), 0)}`, 'So much trades when it comes, or nothing');
  }
  if (list_id && status !== 'pending_new') tag(`list #${list_id}`, 'Orders of one list: the end of one ends the others');
  return tags;
}

export const OWN_ORDERS: Record<SelfTradePrevention, string> = {
  none: 'they trade',
  cancel_taker: 'cancel this one',
  cancel_maker: 'cancel the old',
  cancel_both: 'cancel both',
  decrement: 'take off both',
};
