import { add, cmp, type Decimal, dec, decimalsOf, floorTo, isMultipleOf, mul, parse, shown, sub, toScale } from './decimal';
import { isLimit, isList } from './plans';
import type { Surface, Ticket } from './ticket';
import type { Instrument } from './types';

const points = (bps: number): Decimal => ({ units: BigInt(bps), scale: 4 });
const ONE: Decimal = { units: 1n, scale: 0 };

export const percentOf = (bps: number): string => `${shown({ units: BigInt(bps), scale: 2 }, 0)} %`;

/** The lowest and the highest price within so many basis points of `around`, on the tick. */
export function bandAround(around: Decimal, bps: number, { tick_size }: Pick<Instrument, 'tick_size'>): { low: Decimal; high: Decimal } {
  const tick = dec(tick_size);
  const edge = mul(around, sub(ONE, points(bps)));
  const below = floorTo(edge, tick);
  const low = isMultipleOf(edge, tick) ? below : add(below, tick);
  const high = floorTo(mul(around, add(ONE, points(bps))), tick);
  return { low: toScale(low, tick.scale), high: toScale(high, tick.scale) };
}

/** What the price bands would do to the limit of an order, where it lies outside of them; null where it does not. */
export function bandNote(ticket: Ticket, { instrument, last }: Pick<Surface, 'instrument' | 'last'>): string | null {
  const { bands, tick_size, phase } = instrument;
  const price = parse(ticket.price);
  if (!bands || !last || !price || !(isLimit(ticket.plan) || isList(ticket.plan))) return null;
  const text = (value: Decimal) => shown(value, decimalsOf(tick_size));
  const buy = ticket.side === 'buy';
  if (bands.static_bps !== null) {
    const { low, high } = bandAround(last, bands.static_bps, instrument);
    // The price around which this band lies is the session's, which may be another than the last.
    if (cmp(price, low) < 0 || cmp(price, high) > 0)
      return `Limit prices are taken within ${percentOf(bands.static_bps)} of the session's price; this one may be refused.`;
  }
  // While an auction collects nobody takes.
  if (bands.dynamic_bps === null || phase !== 'continuous') return null;
  const { low, high } = bandAround(last, bands.dynamic_bps, instrument);
  if (buy ? cmp(price, high) <= 0 : cmp(price, low) >= 0) return null;
  const beyond = bands.volatility_auction_ms === null ? 'what would is cancelled' : 'what would begins an auction';
  return `No ${ticket.side} trades ${buy ? 'above' : 'below'} ${text(buy ? high : low)} now, ${percentOf(bands.dynamic_bps)} from the last trade; ${beyond}.`;
}
