import type { BookView, Row } from '../lib/book';
import { grouped } from '../lib/decimal';

interface Cells {
  root: HTMLButtonElement;
  price: Text;
  qty: Text;
  total: Text;
  bar: HTMLElement;
  shownPrice: bigint | null;
  shownQty: bigint | null;
  shownTotal: bigint | null;
  shownScale: number;
  own: boolean;
}

/**
 * The rows of one side of the ladder. The nodes are made once; a frame writes only the texts and bars that changed, so
 * that a busy book costs no component updates.
 */
export class LadderSide {
  private cells: Cells[] = [];

  constructor(
    private readonly box: HTMLElement,
    private readonly side: 'ask' | 'bid',
  ) {}

  resize(count: number): void {
    while (this.cells.length > count) this.cells.pop()?.root.remove();
    while (this.cells.length < count) {
      const cells = makeCells(this.side);
      this.cells.push(cells);
      // Asks grow upwards from the spread, bids downwards.
      if (this.side === 'ask') this.box.prepend(cells.root);
      else this.box.append(cells.root);
    }
    this.cells.forEach(({ root }, i) => (root.tabIndex = i === 0 ? 0 : -1));
  }

  draw(rows: Row[], priceScale: number, qtyScale: number, deepest: bigint, own: (price: bigint) => boolean): void {
    this.cells.forEach((cells, i) => {
      const row = rows[i];
      if (!row) return blank(cells);
      if (cells.shownPrice !== row.price) {
        cells.price.data = grouped(row.price, priceScale);
        cells.root.dataset.price = row.price.toString();
        cells.root.disabled = false;
        cells.shownPrice = row.price;
      }
      if (cells.shownQty !== row.qty) cells.qty.data = grouped((cells.shownQty = row.qty), qtyScale);
      if (cells.shownTotal !== row.total) cells.total.data = grouped((cells.shownTotal = row.total), qtyScale);
      const scale = deepest === 0n ? 0 : Number((row.total * 500n) / deepest) / 500;
      if (cells.shownScale !== scale) cells.bar.style.transform = `scaleX(${(cells.shownScale = scale)})`;
      const mine = own(row.price);
      if (cells.own !== mine) cells.root.classList.toggle('own', (cells.own = mine));
    });
  }

  /** The row that is `steps` away from this one, for the arrow keys. */
  neighbour(row: Element, steps: number): HTMLButtonElement | null {
    const at = this.cells.findIndex(({ root }) => root === row);
    return at < 0 ? null : (this.cells[at + steps]?.root ?? null);
  }

  get first(): HTMLButtonElement | null {
    return this.cells[0]?.root ?? null;
  }
}

/** The greater of both sides' running totals: bars of both sides share one measure. */
export function deepestOf(view: BookView, count: number): bigint {
  const last = (rows: Row[]) => rows[Math.min(count, rows.length) - 1]?.total ?? 0n;
  const [bids, asks] = [last(view.bids), last(view.asks)];
  return bids > asks ? bids : asks;
}

function makeCells(side: 'ask' | 'bid'): Cells {
  const root = document.createElement('button');
  root.type = 'button';
  root.className = `row ${side}`;
  const bar = document.createElement('i');
  const hidden = document.createElement('span');
  hidden.className = 'sr-only';
  hidden.textContent = side === 'ask' ? 'ask' : 'bid';
  const texts = ['price', 'qty', 'total'].map((name) => {
    const cell = document.createElement('span');
    cell.className = name;
    const text = document.createTextNode('');
    cell.append(text);
    root.append(cell);
    return text;
  }) as [Text, Text, Text];
  root.prepend(bar, hidden);
  const cells: Cells = {
    root, bar, price: texts[0], qty: texts[1], total: texts[2], shownPrice: null, shownQty: null, shownTotal: null,
    shownScale: -1, own: false,
  };
  root.disabled = true;
  return cells;
}

function blank(cells: Cells): void {
  if (cells.shownPrice === null) return;
  for (const text of [cells.price, cells.qty, cells.total]) text.data = '';
  cells.shownPrice = cells.shownQty = cells.shownTotal = null;
  cells.bar.style.transform = 'scaleX(0)';
  cells.shownScale = 0;
  cells.root.disabled = true;
  cells.root.classList.toggle('own', (cells.own = false));
}
