import { dec, isZero, shown } from './decimal';
import { inNoBook, typeOf, waitsFor } from './order-words';
import { afterwards } from './reasons';
import type { Order } from './types';

/** What became of an order, in a sentence. */
export function outcomeOf(order: Order, priceScale: number): string {
  const { side, status, symbol, filled_qty, avg_price, price, cancel_reason, prevented_qty } = order;
  const none = isZero(dec(filled_qty));
  const base = symbol.split('-')[0];
  const at = (text: string | null) => (text === null ? '' : ` at ${shown(dec(text), priceScale)}`);
  const filled = `${side === 'buy' ? 'Bought' : 'Sold'} ${shown(dec(filled_qty), 0)} ${base}${at(avg_price)}`;
  const own = isZero(dec(prevented_qty)) ? '' : ` ${shown(dec(prevented_qty), 0)} ${base} met your own orders and was taken off.`;
  if (status === 'filled') return `${filled}.${own}`;
  if (status === 'cancelled') {
    const why = afterwards(cancel_reason);
    if (!none) return `${filled}, the rest was cancelled${why}.${own}`;
    return cancel_reason === 'USER' ? `Cancelled${why}, nothing was filled.${own}` : `Cancelled, nothing was filled${why}.${own}`;
  }
  if (inNoBook(order)) return `${typeOf(order)} ${waits(order, priceScale)}.`;
  const rests = `Resting in the book${at(price)}.${own}`;
  return none ? rests : `${filled}. ${rests}`;
}

function waits(order: Order, priceScale: number): string {
  const what = waitsFor(order, priceScale);
  if (order.status === 'pending_new') return `waits for the ${what}`;
  return what.startsWith('trails') ? what : `waits for ${what}`;
}
