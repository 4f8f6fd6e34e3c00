import { api } from '../api';
import { cmp, type Decimal, dec, sub, ZERO } from '../decimal';
import { onFeed } from '../feed/client';
import { inNoBook } from '../order-words';
import { type Reason, reasonOf } from '../reasons';
import type { Balance, Liquidity, Order, Position } from '../types';
import { session } from './session.svelte';

export interface OwnFill {
  id: number;
  symbol: string;
  side: 'buy' | 'sell';
  price: string;
  qty: string;
  /** Null where only the trade history is known, which does not tell it. */
  fee: string | null;
  feeAsset: string | null;
  liquidity: Liquidity | null;
  timeMs: number;
}

const FILLS_KEPT = 200;
const ENDED_KEPT = 100;
const POSITIONS_EVERY_MS = 5_000;
const POSITIONS_AFTER_FILL_MS = 200;

/** The logged-in account: open orders and balances as the venue pushes them, positions as it is asked for them. */
class AccountState {
  orders = $state.raw<Order[]>([]);
  /** Orders that have ended, newest first. */
  ended = $state.raw<Order[]>([]);
  fills = $state.raw<OwnFill[]>([]);
  balances = $state.raw<Balance[]>([]);
  positions = $state.raw<Position[]>([]);
  /** False until the first answer, so that "nothing yet" is not said too early. */
  known = $state(false);
  private positionsKnown = $state(false);
  failure = $state.raw<Reason | null>(null);
  /** The newest event of an own order, for the form to tell. */
  lastOrder = $state.raw<Order | null>(null);
  private refresh: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    onFeed('orders', ({ data }) => {
      this.orders = [...data].sort(newestFirst);
      void this.loadFills();
      void this.loadEnded();
      this.loadPositionsSoon();
    });
    onFeed('order', ({ event, order, fill }) => {
      const open = order.status !== 'filled' && order.status !== 'cancelled';
      const others = this.orders.filter(({ order_id }) => order_id !== order.order_id);
      this.orders = open && event !== 'rejected' ? [order, ...others].sort(newestFirst) : others;
      if (!open) this.addEnded([order]);
      this.lastOrder = order;
      if (!fill) return;
      this.addFill({
        id: fill.trade_id, symbol: order.symbol, side: order.side, price: fill.price, qty: fill.qty, fee: fill.fee,
        feeAsset: fill.fee_asset, liquidity: fill.liquidity, timeMs: Date.parse(order.updated_at),
      });
      this.loadPositionsSoon();
    });
    onFeed('balances', ({ data }) => this.mergeBalances(data));
    setInterval(() => {
      if (session.token && document.visibilityState === 'visible') void this.loadPositions();
    }, POSITIONS_EVERY_MS);
  }

  /** Forgets everything; called when nobody is logged in. */
  clear(): void {
    this.orders = [];
    this.ended = [];
    this.fills = [];
    this.balances = [];
    this.positions = [];
    this.known = this.positionsKnown = false;
    this.lastOrder = null;
    this.failure = null;
  }

  free(asset: string): string | null {
    if (!session.token || !this.known) return null;
    return this.balances.find((balance) => balance.asset === asset)?.free ?? '0';
  }

  /** The position less what the open reduce-only orders are for; null while it is not known. */
  roomToReduce(symbol: string): Decimal | null {
    if (!session.token || !this.positionsKnown) return null;
    const position = this.positions.find((one) => one.symbol === symbol);
    const open = this.orders.filter((one) => one.symbol === symbol && one.reduce_only && !inNoBook(one));
    const room = open.reduce((rest, { leaves_qty }) => sub(rest, dec(leaves_qty)), dec(position?.qty ?? '0'));
    return cmp(room, ZERO) < 0 ? ZERO : room;
  }

  async cancel(order: Order): Promise<void> {
    await this.attempt(() => session.use((token) => api.cancel(token, order.order_id)));
  }

  async cancelAll(): Promise<void> {
    await this.attempt(() => session.use((token) => api.cancelAll(token)));
  }

  private async attempt(run: () => Promise<unknown>): Promise<void> {
    try {
      this.failure = null;
      await run();
    } catch (error) {
      this.failure = reasonOf(error);
    }
  }

  private mergeBalances(data: Balance[]): void {
    const merged = new Map(this.balances.map((balance) => [balance.asset, balance]));
    for (const balance of data) merged.set(balance.asset, balance);
    this.balances = [...merged.values()].sort((a, b) => a.asset.localeCompare(b.asset));
    this.known = true;
  }

  private addEnded(orders: Order[]): void {
    const ids = new Set(orders.map(({ order_id }) => order_id));
    const all = [...orders, ...this.ended.filter(({ order_id }) => !ids.has(order_id))];
    this.ended = all.sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1)).slice(0, ENDED_KEPT);
  }

  private async loadEnded(): Promise<void> {
    const asked = session.token;
    const orders = await session.use((token) => api.ended(token, ENDED_KEPT)).catch(() => []);
    if (session.token === asked) this.addEnded(orders);
  }

  private addFill(fill: OwnFill): void {
    this.fills = [fill, ...this.fills.filter(({ id, side }) => id !== fill.id || side !== fill.side)].slice(0, FILLS_KEPT);
  }

  /** Joins the history to the fills that were pushed while it was under way; those know their fee. */
  private async loadFills(): Promise<void> {
    const asked = session.token;
    const rows = await session.use((token) => api.history(token)).catch(() => []);
    if (session.token !== asked) return;
    const history = rows.slice(0, FILLS_KEPT).map((row): OwnFill => ({
      id: row.id, symbol: row.symbol, side: row.trade_type === 'BUY' ? 'buy' : 'sell', price: String(row.price),
      qty: String(row.quantity), fee: null, feeAsset: null, liquidity: null, timeMs: Date.parse(row.timestamp),
    }));
    const newest = history[0]?.timeMs ?? 0;
    const pushed = this.fills.filter((fill) => fill.timeMs > newest && !history.some(({ id }) => id === fill.id));
    const fees = new Map(this.fills.map((fill) => [fill.id, fill]));
    this.fills = [...pushed, ...history.map((fill) => fees.get(fill.id) ?? fill)].slice(0, FILLS_KEPT);
  }

  private loadPositionsSoon(): void {
    clearTimeout(this.refresh);
    this.refresh = setTimeout(() => void this.loadPositions(), POSITIONS_AFTER_FILL_MS);
  }

  private async loadPositions(): Promise<void> {
    const asked = session.token;
    if (!asked) return;
    const account = await session.use((token) => api.account(token)).catch(() => null);
    if (!account || session.token !== asked) return;
    this.positions = account.positions;
    this.positionsKnown = true;
    // Pushed balances are newer than an answer that was under way.
    if (!this.known) this.mergeBalances(account.balances);
  }
}

function newestFirst(a: Order, b: Order): number {
  // The orders of a list come in one moment, and are told in the order of their numbers.
  if (a.created_at === b.created_at) return Number(a.order_id) - Number(b.order_id);
  return a.created_at < b.created_at ? 1 : -1;
}

export const account = new AccountState();
