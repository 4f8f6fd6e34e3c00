const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DATE = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' });

/** Local time of day, `14:03:59`. */
export function clock(ms: number): string {
  return CLOCK.format(ms);
}

/** Time of day, with the date in front when it is not today. */
export function moment(ms: number): string {
  const today = new Date().toDateString() === new Date(ms).toDateString();
  return today ? clock(ms) : `${DATE.format(ms)} ${clock(ms)}`;
}

/** A wait or an age for people: `850 ms`, `3.2 s`. */
export function duration(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
