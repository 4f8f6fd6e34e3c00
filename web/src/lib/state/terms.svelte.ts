import { api } from '../api';
import { dec, isZero } from '../decimal';
import type { AccountFees, Instrument, Margin } from '../types';
import { session } from './session.svelte';

const EVERY_MS = 5_000;
const FEES_EVERY_MS = 60_000;

/** What the account pays, and how it stands as a borrower. */
class TermsState {
  /** By market; empty while nobody is logged in. */
  fees = $state.raw<AccountFees[]>([]);
  /** Null where the account may not borrow. */
  margin = $state.raw<Margin | null>(null);
  private feesAt = -Infinity;
  private loans = 0;
  /** What was asked for and not answered: the same again has the same reference, and is carried out once. */
  private asked: { key: string; reference: number } | null = null;

  start(): void {
    setInterval(() => void this.refresh(), EVERY_MS);
  }

  /** Called when somebody logs in, and when nobody is logged in any more. */
  begin(): void {
    this.fees = [];
    this.margin = null;
    this.feesAt = -Infinity;
    if (session.token) void this.refresh(true);
  }

  /** The market with the account's own rates, where they are known. */
  rated(instrument: Instrument): Instrument {
    const own = this.fees.find(({ symbol }) => symbol === instrument.symbol);
    return own ? { ...instrument, maker_fee_ppm: own.maker_fee_ppm, taker_fee_ppm: own.taker_fee_ppm } : instrument;
  }

  async lend(kind: 'borrow' | 'repay', asset: string, amount: string): Promise<string> {
    const key = `${kind} ${asset} ${amount}`;
    if (this.asked?.key !== key) this.asked = { key, reference: Date.now() * 1_000 + (this.loans++ % 1_000) };
    const { reference } = this.asked;
    const loan = await session.use((token) => api[kind](token, { asset, amount, reference }));
    this.asked = null;
    await this.loadMargin();
    // The answer to a repeat says that nothing more was done.
    return isZero(dec(loan.amount)) ? amount : loan.amount;
  }

  private async refresh(first = false): Promise<void> {
    if (!session.token || document.visibilityState !== 'visible') return;
    const due = first || Date.now() - this.feesAt >= FEES_EVERY_MS;
    if (due) void this.loadFees();
    // Whether an account may borrow is the operator's to say, at any time; it is asked for as seldom as the fees.
    if (due || this.margin) await this.loadMargin();
  }

  private async loadFees(): Promise<void> {
    const asked = session.token;
    this.feesAt = Date.now();
    const fees = await session.use((token) => api.fees(token)).catch(() => null);
    if (fees && session.token === asked) this.fees = fees;
  }

  private async loadMargin(): Promise<void> {
    const asked = session.token;
    const margin = await session.use((token) => api.margin(token)).catch(() => null);
    if (margin && session.token === asked) this.margin = margin.margin ? margin : null;
  }
}

export const terms = new TermsState();
