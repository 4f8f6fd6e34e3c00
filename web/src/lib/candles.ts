import { add, cmp, dec, plain } from './decimal';
import type { Candle, Interval, Trade } from './types';

export const SECONDS: Record<Interval, number> = { '1m': 60, '5m': 300, '15m': 900, '1h': 3600 };

/** The bar that holds this trade: `bar` grown by it, or a new one. Gives null for a trade of an earlier bar. */
export function foldTrade(bar: Candle | null, trade: Trade, seconds: number): Candle | null {
  const time = Math.floor(trade.time_ms / 1000 / seconds) * seconds;
  if (!bar || time > bar.time) {
    const { price, qty } = trade;
    return { time, open: price, high: price, low: price, close: price, volume: qty };
  }
  if (time < bar.time) return null;
  const price = dec(trade.price);
  return {
    ...bar,
    high: cmp(price, dec(bar.high)) > 0 ? trade.price : bar.high,
    low: cmp(price, dec(bar.low)) < 0 ? trade.price : bar.low,
    close: trade.price,
    volume: plain(add(dec(bar.volume), dec(trade.qty))),
  };
}
