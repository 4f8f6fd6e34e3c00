import { add, cmp, type Decimal, dec, divDown, isZero, mul, sub, ZERO } from './decimal';
import type { Margin, MarginAsset } from './types';

const ppm = (parts: number): Decimal => ({ units: BigInt(parts), scale: 6 });
const ONE: Decimal = { units: 1n, scale: 0 };

export interface Standing {
  /** What is left of the collateral over the debts. */
  left: Decimal;
  /** What of it is free for more loans and withdrawals; below zero nothing is. */
  room: Decimal;
  /** `none`: nothing is owed. `low`: nothing more can be borrowed or taken out. `called`: it is liquidated. */
  state: 'none' | 'good' | 'low' | 'called';
}

/** How an account stands that may borrow. */
export function standingOf({ collateral, debt, initial_margin, maintenance_margin }: Margin): Standing {
  const owed = dec(debt);
  const left = sub(dec(collateral), owed);
  const room = sub(left, dec(initial_margin));
  if (isZero(owed)) return { left, room, state: 'none' };
  const state = cmp(left, dec(maintenance_margin)) < 0 ? 'called' : cmp(room, ZERO) < 0 ? 'low' : 'good';
  return { left, room, state };
}

export const STATES: Record<Standing['state'], string> = {
  none: 'Nothing is owed.',
  good: 'The collateral covers the debts, and more can be borrowed.',
  low: 'Nothing more can be borrowed or taken out. Pay back, or deposit.',
  called: 'Below the maintenance margin: the account is being liquidated.',
};

/** What is owed of an asset. */
export const owedOf = ({ debts }: Margin, asset: string): Decimal => dec(debts.find((one) => one.asset === asset)?.amount ?? '0');

/**
 * About how much more of an asset can be borrowed at a price in the reference asset, to so many decimals: the loan is
 * collateral too, less its haircut, and asks for its initial margin. Null while there is no price.
 */
export function mostToBorrow(margin: Margin, asset: MarginAsset, price: Decimal | null, scale: number): Decimal | null {
  const limit = sub(dec(asset.max_debt), owedOf(margin, asset.asset));
  if (cmp(limit, ZERO) <= 0) return ZERO;
  if (!price || cmp(price, ZERO) <= 0) return null;
  const { room } = standingOf(margin);
  if (cmp(room, ZERO) <= 0) return ZERO;
  const cost = sub(add(ONE, ppm(asset.initial_ppm)), ppm(asset.collateral_ppm));
  if (cmp(cost, ZERO) <= 0) return limit;
  const most = divDown(room, mul(cost, price), scale);
  return cmp(most, limit) < 0 ? most : limit;
}
