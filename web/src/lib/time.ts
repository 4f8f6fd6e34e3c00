import { written } from './written.svelte';

/** Time of day, `14:03:59`. */
export function clock(ms: number): string {
  return written.clock.format(ms);
}

/** Time of day, with the date in front when it is not today. */
export function moment(ms: number): string {
  const today = written.date.format(Date.now()) === written.date.format(ms) && Math.abs(Date.now() - ms) < 86_400_000;
  return today ? clock(ms) : `${written.date.format(ms)} ${clock(ms)}`;
}

/** Date, year and time of day. */
export function stamp(ms: number): string {
  return written.stamp.format(ms);
}

/** A wait or an age for people: `850 ms`, `3.2 s`. */
export function duration(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
