import { type Decimal, dec, isZero, shown } from './decimal';
import type { Indicative, Instrument, Schedule } from './types';

const DAY_MS = 86_400_000;

const AUCTIONS = { intraday: 'Auction', opening: 'Opening auction', closing: 'Closing auction', volatility: 'Volatility auction' };

/** What is allowed now, as a trader calls it. */
export function phaseOf({ phase, auction }: Pick<Instrument, 'phase' | 'auction'>): string {
  if (phase === 'auction') return AUCTIONS[auction ?? 'intraday'];
  return { continuous: 'Continuous', halted: 'Halted', closed: 'Closed' }[phase];
}

/** What it means for orders. */
export function phaseMeans({ phase, auction }: Pick<Instrument, 'phase' | 'auction'>): string {
  switch (phase) {
    case 'continuous':
      return 'Orders trade as they come.';
    case 'auction':
      return `${auction === 'volatility' ? 'An order would have traded too far from the market. ' : ''}Limit orders are collected; at the end all trade at one price.`;
    case 'halted':
      return 'Orders can only be cancelled.';
    case 'closed':
      return 'The session is over; orders can only be cancelled.';
  }
}

const MOMENTS: [keyof Schedule, string][] = [
  ['pre_open_ms', 'Opening auction'],
  ['open_ms', 'Open'],
  ['closing_ms', 'Closing auction'],
  ['close_ms', 'Close'],
];

/** What the day brings next, and when, in milliseconds since 1970; the schedule is of UTC days. */
export function nextMoment(schedule: Schedule, nowMs: number): { what: string; atMs: number } {
  const midnight = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const today = MOMENTS.map(([key, what]) => ({ what, atMs: midnight + schedule[key] }));
  return today.find(({ atMs }) => atMs > nowMs) ?? { ...today[0]!, atMs: today[0]!.atMs + DAY_MS };
}

/** Time left: `0:42`, `4:05`, `2 h 10 min`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
}

export interface Would {
  price: Decimal;
  qty: Decimal;
  /** What would be left over at the price, in words; empty if nothing. */
  left: string;
}

/** What an auction would trade, were it uncrossed now. */
export function wouldTrade(indicative: Indicative, base: string): Would {
  const { price, qty, imbalance_side, imbalance_qty } = indicative;
  const rest = dec(imbalance_qty);
  const left = imbalance_side && !isZero(rest) ? `${shown(rest, 0)} ${base} left to ${imbalance_side}` : '';
  return { price: dec(price), qty: dec(qty), left };
}

/** When a market is to be asked for anew: at the end of its phase, or with the next moment of its day. Null: nothing ends. */
export function changesAt({ phase_ends_ms, schedule }: Pick<Instrument, 'phase_ends_ms' | 'schedule'>, nowMs: number): number | null {
  const moments = [phase_ends_ms, schedule && nextMoment(schedule, nowMs).atMs].filter((ms) => ms !== null);
  return moments.length ? Math.min(...moments) : null;
}
