import { unitsAt } from './decimal';

export type WireLevel = [price: string, qty: string];

export interface BookSnapshot {
  update_id: number;
  bids: WireLevel[];
  asks: WireLevel[];
}

export interface BookUpdate {
  first_update_id: number;
  last_update_id: number;
  bids: WireLevel[];
  asks: WireLevel[];
}

/** A row as drawn: price, quantity and the running total from the best level, in units of the instrument's scales. */
export interface Row {
  price: bigint;
  qty: bigint;
  total: bigint;
}

export interface BookView {
  updateId: number;
  bids: Row[];
  asks: Row[];
}

/**
 * `applied`: the update continues the book. `old`: everything in it is known already. `gap`: updates are missing, the
 * book can no longer be trusted and needs a snapshot.
 */
export type Outcome = 'applied' | 'old' | 'gap';

/** One instrument's price levels, kept from a snapshot and the updates that follow it without a hole. */
export class Book {
  private bids = new Side(-1n);
  private asks = new Side(1n);
  private updateId: number | null = null;

  /** The scales are the decimals of the instrument's tick and lot; finer prices or quantities are refused. */
  constructor(
    private readonly priceScale: number,
    private readonly qtyScale: number,
  ) {}

  /** False until the first snapshot and after a gap. */
  get ready(): boolean {
    return this.updateId !== null;
  }

  /** Trust nothing until the next snapshot. */
  forget(): void {
    this.updateId = null;
  }

  snapshot(message: BookSnapshot): void {
    this.bids.clear();
    this.asks.clear();
    this.set(this.bids, message.bids);
    this.set(this.asks, message.asks);
    this.updateId = message.update_id;
  }

  update(message: BookUpdate): Outcome {
    if (this.updateId === null) return 'gap';
    if (message.last_update_id <= this.updateId) return 'old';
    if (message.first_update_id > this.updateId + 1) {
      this.forget();
      return 'gap';
    }
    // Quantities are absolute, so an update that overlaps what is known may be applied whole.
    this.set(this.bids, message.bids);
    this.set(this.asks, message.asks);
    this.updateId = message.last_update_id;
    return 'applied';
  }

  /**
   * The best `depth` rows of each side. With `group` above one tick, levels are gathered into steps of that many price
   * units, bids downwards and asks upwards, so that no row promises a better price than it holds.
   */
  view(depth: number, group = 1n): BookView {
    return { updateId: this.updateId ?? 0, bids: this.bids.rows(depth, group), asks: this.asks.rows(depth, group) };
  }

  get best(): { bestBid: bigint | null; bestAsk: bigint | null } {
    return { bestBid: this.bids.best, bestAsk: this.asks.best };
  }

  private set(side: Side, levels: WireLevel[]): void {
    for (const [price, qty] of levels) side.set(unitsAt(price, this.priceScale), unitsAt(qty, this.qtyScale));
  }
}

/** Levels best first in two parallel arrays. `direction` is 1 where low prices are best (asks), -1 for bids. */
class Side {
  private prices: bigint[] = [];
  private qtys: bigint[] = [];

  constructor(private readonly direction: 1n | -1n) {}

  get best(): bigint | null {
    return this.prices[0] ?? null;
  }

  clear(): void {
    this.prices = [];
    this.qtys = [];
  }

  set(price: bigint, qty: bigint): void {
    const at = this.find(price);
    const known = this.prices[at] === price;
    if (qty === 0n) {
      if (!known) return;
      this.prices.splice(at, 1);
      this.qtys.splice(at, 1);
    } else if (known) {
      this.qtys[at] = qty;
    } else {
      this.prices.splice(at, 0, price);
      this.qtys.splice(at, 0, qty);
    }
  }

  rows(depth: number, group: bigint): Row[] {
    const rows: Row[] = [];
    let total = 0n;
    for (const [i, levelPrice] of this.prices.entries()) {
      const price = group === 1n ? levelPrice : this.groupPrice(levelPrice, group);
      const qty = this.qtys[i]!;
      const last = rows.at(-1);
      total += qty;
      if (last?.price === price) {
        last.qty += qty;
        last.total = total;
      } else if (rows.length === depth) {
        break;
      } else {
        rows.push({ price, qty, total });
      }
    }
    return rows;
  }

  /** The first place whose price is not better than `price`. */
  private find(price: bigint): number {
    const key = price * this.direction;
    let low = 0;
    let high = this.prices.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.prices[middle]! * this.direction < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private groupPrice(price: bigint, group: bigint): bigint {
    const rest = price % group;
    if (rest === 0n) return price;
    return this.direction === 1n ? price - rest + group : price - rest;
  }
}
