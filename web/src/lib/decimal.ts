/**
 * Exact decimals. An amount is an integer count of 10^-scale; nothing here goes through a floating-point number, so what
 * the page shows and sends is what the venue meant.
 */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

export const ZERO: Decimal = { units: 0n, scale: 0 };

/** Reads `12`, `0.50`, `-3.`, `.5` or `1e-7`; gives null for anything else. */
export function parse(text: string | number): Decimal | null {
  const match = PATTERN.exec(String(text).trim());
  if (!match) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const units = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { units, scale } : { units: units * pow10(-scale), scale: 0 };
}

/** Like `parse`, for text that the venue sent: refuses anything that is not a decimal. */
export function dec(text: string | number): Decimal {
  const value = parse(text);
  if (!value) throw new RangeError(`not a decimal: ${JSON.stringify(text)}`);
  return value;
}

/** The units of `text` at `scale`. Refuses digits beyond the scale, because dropping them would change the amount. */
export function unitsAt(text: string | number, scale: number): bigint {
  const value = dec(text);
  if (value.scale <= scale) return value.units * pow10(scale - value.scale);
  const step = pow10(value.scale - scale);
  if (value.units % step !== 0n) throw new RangeError(`${text} has more than ${scale} decimals`);
  return value.units / step;
}

/** How many decimals a tick or lot needs: `0.01` and `0.0100` need two, `10` none. */
export function decimalsOf(step: string): number {
  let { units, scale } = dec(step);
  while (scale > 0 && units % 10n === 0n) {
    units /= 10n;
    scale -= 1;
  }
  return scale;
}

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: rescaled(a, scale) + rescaled(b, scale), scale };
}

export function sub(a: Decimal, b: Decimal): Decimal {
  return add(a, { units: -b.units, scale: b.scale });
}

export function mul(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

/** a / b, rounded towards zero to `scale` decimals. Refuses a zero divisor. */
export function divDown(a: Decimal, b: Decimal, scale: number): Decimal {
  if (b.units === 0n) throw new RangeError('division by zero');
  const numerator = a.units * pow10(scale + b.scale);
  return { units: numerator / (b.units * pow10(a.scale)), scale };
}

/** Negative, zero or positive as a is below, at or above b. */
export function cmp(a: Decimal, b: Decimal): number {
  const difference = sub(a, b).units;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function isZero(a: Decimal): boolean {
  return a.units === 0n;
}

/** The greatest multiple of `step` that is not above `a`, for a ≥ 0. */
export function floorTo(a: Decimal, step: Decimal): Decimal {
  const scale = Math.max(a.scale, step.scale);
  const stepUnits = rescaled(step, scale);
  return { units: (rescaled(a, scale) / stepUnits) * stepUnits, scale };
}

export function isMultipleOf(a: Decimal, step: Decimal): boolean {
  const scale = Math.max(a.scale, step.scale);
  return rescaled(a, scale) % rescaled(step, scale) === 0n;
}

/** Cuts or pads to `scale` decimals. Cutting goes towards zero, except that `up` goes away from it (for fees). */
export function toScale(a: Decimal, scale: number, rounding: 'down' | 'up' = 'down'): Decimal {
  if (a.scale <= scale) return { units: rescaled(a, scale), scale };
  const step = pow10(a.scale - scale);
  const cut = a.units / step;
  if (rounding === 'down' || a.units % step === 0n) return { units: cut, scale };
  return { units: cut + (a.units < 0n ? -1n : 1n), scale };
}

/** Plain digits, as the venue takes them: `-0.50`. */
export function plain(a: Decimal): string {
  return write(a.units, a.scale, '');
}

/** Digits for people, thousands set apart: `67,123.40`. */
export function grouped(units: bigint, scale: number): string {
  return write(units, scale, ',');
}

/**
 * An amount as a trader reads it: at least `least` decimals, further ones only where they are not zero, at most `most`.
 */
export function shown(a: Decimal, least: number, most = 8): string {
  const cut = toScale(a, Math.max(least, Math.min(a.scale, most)));
  let { units, scale } = cut;
  while (scale > least && units % 10n === 0n) {
    units /= 10n;
    scale -= 1;
  }
  return grouped(units, scale);
}

/** For drawing only: a chart's pixel needs no exact value. */
export function approximate(a: Decimal): number {
  return Number(plain(a));
}

export function pow10(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

function rescaled(a: Decimal, scale: number): bigint {
  return a.units * pow10(scale - a.scale);
}

function write(units: bigint, scale: number, separator: string): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const cut = digits.length - scale;
  let whole = digits.slice(0, cut);
  if (separator && whole.length > 3) whole = whole.replace(/\B(?=(\d{3})+$)/g, separator);
  return (units < 0n ? '-' : '') + whole + (scale > 0 ? `.${digits.slice(cut)}` : '');
}
