import { accountReason } from '../../lib/account-reasons';
import type { Reason } from '../../lib/reasons';

/** One thing that is being done: what went wrong with it, or that it is done. */
export class Saving {
  busy = $state(false);
  reason = $state.raw<Reason | null>(null);
  done = $state('');

  /** Runs it; gives what to say when it is done, or null where nothing was. */
  async run(work: () => Promise<string | null>): Promise<void> {
    this.busy = true;
    this.reason = null;
    this.done = '';
    try {
      this.done = (await work()) ?? '';
    } catch (error) {
      this.reason = accountReason(error);
    } finally {
      this.busy = false;
    }
  }
}
