import type { Row } from './book';
import { add, cmp, type Decimal, divDown, floorTo, isZero, mul, sub, toScale, ZERO } from './decimal';

/** One price and what is there, best first. */
export interface Level {
  price: Decimal;
  qty: Decimal;
}

/** What an order would take from the book as it is now. `left` is the part of the wish that the levels do not cover. */
export interface Taken {
  qty: Decimal;
  value: Decimal;
  worst: Decimal | null;
  left: Decimal;
}

const PPM_SCALE = 6;

export function levelsOf(rows: Row[], priceScale: number, qtyScale: number): Level[] {
  return rows.map(({ price, qty }) => ({ price: { units: price, scale: priceScale }, qty: { units: qty, scale: qtyScale } }));
}

/** The middle of both best prices, rounded down to the tick. */
export function middle(bid: Decimal, ask: Decimal, tick: Decimal): Decimal {
  return floorTo(mul(add(bid, ask), { units: 5n, scale: 1 }), tick);
}

/** Walks the levels for a quantity, no further than `limit` when one is given. */
export function take(levels: Level[], side: 'buy' | 'sell', qty: Decimal, limit: Decimal | null): Taken {
  const taken: Taken = { qty: ZERO, value: ZERO, worst: null, left: qty };
  for (const level of levels) {
    if (isZero(taken.left)) break;
    if (limit && (side === 'buy' ? cmp(level.price, limit) > 0 : cmp(level.price, limit) < 0)) break;
    grow(taken, level, least(level.qty, taken.left));
  }
  return taken;
}

/** Walks the levels for an amount of the quote asset; the last level is taken in whole lots. `left` is in quote. */
export function takeValue(levels: Level[], budget: Decimal, lot: Decimal): Taken {
  const taken: Taken = { qty: ZERO, value: ZERO, worst: null, left: ZERO };
  let rest = budget;
  for (const level of levels) {
    const affordable = floorTo(divDown(rest, level.price, lot.scale), lot);
    if (isZero(affordable)) break;
    const qty = least(level.qty, affordable);
    grow(taken, level, qty);
    rest = sub(budget, taken.value);
    if (cmp(qty, level.qty) < 0) break;
  }
  const worst = levels.at(-1)?.price;
  const covered = worst !== undefined && cmp(rest, mul(worst, lot)) < 0;
  return { ...taken, left: covered ? ZERO : rest };
}

/** The fee on a value at parts per million, rounded up to `scale` decimals. */
export function feeOn(value: Decimal, ppm: number, scale: number): Decimal {
  return toScale(mul(value, { units: BigInt(ppm), scale: PPM_SCALE }), scale, 'up');
}

/** What may be spent so that value and fee together stay within `budget`. */
export function withoutFee(budget: Decimal, ppm: number, scale: number): Decimal {
  return divDown(budget, { units: 1_000_000n + BigInt(ppm), scale: PPM_SCALE }, scale);
}

function grow(taken: Taken, level: Level, qty: Decimal): void {
  taken.qty = add(taken.qty, qty);
  taken.value = add(taken.value, mul(level.price, qty));
  taken.left = sub(taken.left, qty);
  taken.worst = level.price;
}

function least(a: Decimal, b: Decimal): Decimal {
  return cmp(a, b) <= 0 ? a : b;
}
