import { beforeEach, describe, expect, test } from 'vitest';
import { Book, type BookUpdate, type Row, type WireLevel } from './book';

const update = (first: number, last: number, bids: WireLevel[], asks: WireLevel[]): BookUpdate => ({
  first_update_id: first,
  last_update_id: last,
  bids,
  asks,
});
const table = (rows: Row[]) => rows.map((row) => `${row.price} ${row.qty} ${row.total}`);

let book: Book;

beforeEach(() => {
  book = new Book(2, 3);
  book.snapshot({
    update_id: 10,
    bids: [['100.00', '1.5'], ['99.98', '2']],
    asks: [['100.02', '0.250'], ['100.05', '4']],
  });
});

describe('book', () => {
  test('a snapshot is shown best first with running totals', () => {
    const view = book.view(10);
    expect(view.updateId).toBe(10);
    expect(table(view.bids)).toEqual(['10000 1500 1500', '9998 2000 3500']);
    expect(table(view.asks)).toEqual(['10002 250 250', '10005 4000 4250']);
  });

  test('updates insert, replace and remove levels', () => {
    expect(book.update(update(11, 11, [['99.99', '1']], []))).toBe('applied');
    expect(book.update(update(12, 14, [['100.00', '0']], [['100.02', '9'], ['100.03', '1']]))).toBe('applied');
    const view = book.view(10);
    expect(table(view.bids)).toEqual(['9999 1000 1000', '9998 2000 3000']);
    expect(table(view.asks)).toEqual(['10002 9000 9000', '10003 1000 10000', '10005 4000 14000']);
  });

  test('removing a level that is not there changes nothing', () => {
    expect(book.update(update(11, 11, [['50.00', '0']], []))).toBe('applied');
    expect(book.view(10).bids).toHaveLength(2);
  });

  test('a hole in the update ids is a gap and the book waits for a snapshot', () => {
    expect(book.update(update(12, 12, [], []))).toBe('gap');
    expect(book.ready).toBe(false);
    expect(book.update(update(11, 13, [], []))).toBe('gap');
    book.snapshot({ update_id: 20, bids: [], asks: [['1.00', '1']] });
    expect(book.ready).toBe(true);
    expect(book.update(update(21, 21, [], [['1.00', '0']]))).toBe('applied');
    expect(book.view(10)).toEqual({ updateId: 21, bids: [], asks: [] });
  });

  test('an update that the snapshot already holds is passed over', () => {
    expect(book.update(update(9, 10, [['100.00', '0']], []))).toBe('old');
    expect(book.view(10).bids).toHaveLength(2);
  });

  test('an update that overlaps the snapshot is applied, its quantities being absolute', () => {
    expect(book.update(update(9, 11, [['100.00', '7']], []))).toBe('applied');
    expect(table(book.view(1).bids)).toEqual(['10000 7000 7000']);
  });

  test('grouped rows never promise a better price than they hold', () => {
    const view = book.view(10, 10n);
    expect(table(view.bids)).toEqual(['10000 1500 1500', '9990 2000 3500']);
    expect(table(view.asks)).toEqual(['10010 4250 4250']);
  });

  test('the last row of a grouped view is whole', () => {
    book.update(update(11, 11, [['99.97', '1']], []));
    expect(table(book.view(2, 10n).bids)).toEqual(['10000 1500 1500', '9990 3000 4500']);
  });

  test('many random updates leave the same book as a map would', () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    const model = new Map<number, number>([[10002, 250], [10005, 4000]]);
    for (let id = 11; id < 3000; id++) {
      const price = 10001 + random(60);
      const qty = random(3) === 0 ? 0 : random(5000);
      if (qty === 0) model.delete(price);
      else model.set(price, qty);
      book.update(update(id, id, [], [[(price / 100).toFixed(2), (qty / 1000).toFixed(3)]]));
    }
    const expected = [...model].sort((a, b) => a[0] - b[0]);
    expect(book.view(100).asks.map((row) => [Number(row.price), Number(row.qty)])).toEqual(expected);
  });
});
