import { dec, isZero, shown } from './decimal';
import type { Order } from './types';

/** What became of an order, in a sentence. */
export function outcomeOf(order: Order, priceScale: number): string {
  const { side, status, symbol, filled_qty, avg_price, price, cancel_reason } = order;
  const none = isZero(dec(filled_qty));
  const base = symbol.split('-')[0];
  const at = (text: string | null) => (text === null ? '' : ` at ${shown(dec(text), priceScale)}`);
  const filled = `${side === 'buy' ? 'Bought' : 'Sold'} ${shown(dec(filled_qty), 0)} ${base}${at(avg_price)}`;
  if (status === 'filled') return `${filled}.`;
  if (status === 'cancelled') {
    const why = cancel_reason ? ` (${cancel_reason.toLowerCase().replaceAll('_', ' ')})` : '';
    return none ? `Cancelled, nothing was filled${why}.` : `${filled}, the rest was cancelled${why}.`;
  }
  const rests = `Resting in the book${at(price)}.`;
  return none ? rests : `${filled}. ${rests}`;
}
