/** How times are written: as the trader prefers, else as here. Amounts keep their point, since they are typed with one. */
class Written {
  locale = $state('en-GB');
  /** Undefined: the device's own. */
  timeZone = $state<string | undefined>(undefined);
  clock = $derived(this.format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }));
  date = $derived(this.format({ day: '2-digit', month: 'short' }));
  stamp = $derived(this.format({ day: '2-digit', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' }));

  /** What is preferred; a tag or a zone that this browser does not know changes nothing. */
  prefer(locale: string | null | undefined, timeZone: string | null | undefined): void {
    const [tag, zone] = [locale ?? 'en-GB', timeZone ?? undefined];
    try {
      new Intl.DateTimeFormat(tag, { timeZone: zone });
    } catch {
      return;
    }
    this.locale = tag;
    this.timeZone = zone;
  }

  private format(parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    // An order is timed to the second, by a clock of 24 hours, wherever it is read.
    return new Intl.DateTimeFormat(this.locale, { ...parts, hourCycle: 'h23', timeZone: this.timeZone });
  }
}

export const written = new Written();
