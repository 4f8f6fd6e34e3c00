import { accountReason } from '../../lib/account-reasons';
import type { Reason } from '../../lib/reasons';

export interface Page<T> {
  rows: T[];
  next: string | null;
}

/** A list that the venue gives page by page, the next one under the ones before. */
export class Pages<T> {
  rows = $state.raw<T[]>([]);
  reason = $state.raw<Reason | null>(null);
  /** False until the first answer, so that "nothing" is not said too early. */
  known = $state(false);
  busy = $state(false);
  private next = $state<string | null>(null);
  private asked = 0;

  constructor(private readonly ask: (cursor: string | undefined) => Promise<Page<T>>) {}

  get more(): boolean {
    return this.next !== null;
  }

  /** Reads from the beginning. */
  async begin(): Promise<void> {
    await this.read(undefined, (rows) => rows);
  }

  async further(): Promise<void> {
    if (this.next) await this.read(this.next, (rows) => [...this.rows, ...rows]);
  }

  private async read(cursor: string | undefined, joined: (rows: T[]) => T[]): Promise<void> {
    const turn = ++this.asked;
    this.busy = true;
    try {
      const { rows, next } = await this.ask(cursor);
      // What was asked for meanwhile counts.
      if (turn !== this.asked) return;
      this.rows = joined(rows);
      this.next = next;
      this.reason = null;
      this.known = true;
    } catch (error) {
      if (turn === this.asked) this.reason = accountReason(error);
    } finally {
      if (turn === this.asked) this.busy = false;
    }
  }
}
