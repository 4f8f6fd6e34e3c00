// Accounts and orders for developing the page: whole orders fill at the best opposite price, everything else rests until
// the walk comes by. Money is counted in 10^-8.
import { EventEmitter } from 'node:events';
import { fixed } from './market.mjs';

const MONEY = 8;
const OPEN = ['pending_new', 'waiting', 'new'];

export class Refusal extends Error {
  constructor(status, code, detail) {
    super(detail);
    Object.assign(this, { status, code });
  }
}

export class Account extends EventEmitter {
  constructor(id, email, password, markets) {
    super();
    Object.assign(this, { id, email, password, markets, orders: [], history: [], assets: new Map(), positions: new Map() });
    this.created_at = new Date().toISOString();
    this.change('USD', 100_000e8, 0);
  }

  get balances() {
    return [...this.assets].map(([asset, { free, held }]) => ({
      asset,
      free: fixed(free, MONEY),
      held: fixed(held, MONEY),
      total: fixed(free + held, MONEY),
    }));
  }

  get view() {
    const positions = [...this.positions.values()].map((position) => {
      const market = this.markets.get(position.symbol);
      const mark = market.ticker().price;
      const profit = (Number(mark) - position.cost / position.qty) * position.qty;
      const qty = fixed(position.qty, market.qtyScale);
      const avg = (position.cost / position.qty / 10 ** market.priceScale).toFixed(market.priceScale);
      const unrealized = ((Number(mark) - Number(avg)) * Number(qty)).toFixed(4);
      return { symbol: position.symbol, qty, avg_price: avg, realized_pnl: '0', fees_paid: fixed(position.fees, MONEY), mark_price: mark, unrealized_pnl: Number.isFinite(profit) ? unrealized : null };
    });
    return { account_id: this.id, seq: this.orders.length, balances: this.balances, positions };
  }

  place(body, nextId, list = null, pending = false) {
    const market = this.markets.get(body.symbol);
    if (!market) throw new Refusal(400, 'UNKNOWN_SYMBOL', `no instrument ${body.symbol}`);
    const buy = body.side === 'buy';
    const touch = market.best(buy ? 'asks' : 'bids');
    const price = body.type !== 'limit' ? touch : Math.round(Number(body.price) * 10 ** market.priceScale);
    const crosses = buy ? price >= touch : price <= touch;
    const qty = body.qty ? Math.round(Number(body.qty) * 10 ** market.qtyScale) : Math.floor((Number(body.quote_qty) * 10 ** (market.priceScale + market.qtyScale)) / touch);
    if (!(qty > 0) || !(price > 0)) throw new Refusal(422, 'BAD_QUANTITY', 'price and quantity must be above zero');
    if (body.post_only && crosses) throw new Refusal(409, 'POST_ONLY_WOULD_TAKE', 'the order would trade at once');
    const order = {
      order_id: String(nextId), client_order_id: body.client_order_id ?? null, symbol: market.symbol, side: body.side, type: body.type,
      time_in_force: body.time_in_force ?? 'gtc', expires_at_ms: body.expires_at_ms ?? null, post_only: body.post_only ?? false, reduce_only: body.reduce_only ?? false, min_qty: body.min_qty ?? null,
      peg: body.peg ? { offset_ticks: 0, ...body.peg, limit: body.price } : null, display_qty: body.display_qty ?? null,
      self_trade_prevention: body.self_trade_prevention ?? 'cancel_maker', prevented_qty: '0',
      trigger: body.trigger ? { price: null, trail: null, trail_bps: null, ...body.trigger } : null, triggered_price: null, list_id: list,
      price: body.type === 'market' ? null : fixed(price, market.priceScale), qty: fixed(qty, market.qtyScale), quote_qty: body.quote_qty ?? null,
      filled_qty: fixed(0, market.qtyScale), filled_quote: '0', avg_price: null, leaves_qty: fixed(qty, market.qtyScale), status: pending ? 'pending_new' : body.trigger || body.time_in_force?.startsWith('at_') ? 'waiting' : 'new', cancel_reason: null,
      fee: '0', fee_asset: market.quote, created_at: new Date().toISOString(), updated_at: new Date().toISOString(), seq: nextId,
    };
    Object.defineProperty(order, 'hidden', { value: { price, qty, held: pending ? 0 : this.cost(market, price, qty, buy) } });
    const asset = buy ? market.quote : market.base;
    if ((this.assets.get(asset)?.free ?? 0) < order.hidden.held) throw new Refusal(422, 'INSUFFICIENT_FUNDS', `not enough free ${asset}`);
    this.change(asset, -order.hidden.held, order.hidden.held);
    this.orders.unshift(order);
    this.tell(order, 'accepted');
    // What waits, or is pending in a list, never comes: there are no triggers here.
    if (order.status !== 'new') return order;
    if (crosses) this.fill(order, touch, 'taker');
    else if (['ioc', 'fok'].includes(order.time_in_force)) this.cancel(order, 'IMMEDIATE_REMAINDER');
    return order;
  }

  /** Called after each step of a market: resting orders that the walk has reached are filled. */
  reach(market) {
    for (const order of this.open(market.symbol).filter(({ status }) => status === 'new')) {
      const touch = market.best(order.side === 'buy' ? 'asks' : 'bids');
      if (order.side === 'buy' ? touch <= order.hidden.price : touch >= order.hidden.price) this.fill(order, order.hidden.price, 'maker');
    }
  }

  open(symbol) {
    return this.orders.filter((order) => OPEN.includes(order.status) && (!symbol || order.symbol === symbol));
  }

  closed() {
    return this.orders.filter(({ status }) => !OPEN.includes(status));
  }

  cancel(order, reason = 'USER') {
    const market = this.markets.get(order.symbol);
    this.change(order.side === 'buy' ? market.quote : market.base, order.hidden.held, -order.hidden.held);
    Object.assign(order, { status: 'cancelled', cancel_reason: reason, leaves_qty: fixed(0, market.qtyScale), updated_at: new Date().toISOString() });
    this.tell(order, 'cancelled');
    return order;
  }

  fill(order, price, liquidity) {
    const market = this.markets.get(order.symbol);
    const { qty, held } = order.hidden;
    const buy = order.side === 'buy';
    const quote = this.money(price * qty, market.priceScale + market.qtyScale);
    const fee = Math.ceil(quote * (liquidity === 'taker' ? 0.0015 : 0.001));
    const base = this.money(qty, market.qtyScale);
    this.change(buy ? market.quote : market.base, buy ? held - quote - fee : 0, -held);
    this.change(buy ? market.base : market.quote, buy ? base : quote - fee, 0);
    const trade = market.trade(price, qty, liquidity === 'taker' ? order.side : buy ? 'sell' : 'buy');
    const values = { filled_qty: order.qty, filled_quote: fixed(quote, MONEY), avg_price: trade.price, leaves_qty: fixed(0, market.qtyScale) };
    Object.assign(order, values, { status: 'filled', fee: fixed(fee, MONEY), updated_at: trade.time });
    this.history.unshift({ id: trade.id, user_id: this.id, symbol: order.symbol, trade_type: order.side.toUpperCase(), quantity: Number(order.qty), price: Number(trade.price), timestamp: trade.time });
    this.positioned(order.symbol, buy ? qty : -qty, price, fee);
    this.tell(order, 'trade', { trade_id: trade.id, price: trade.price, qty: order.qty, fee: order.fee, fee_asset: market.quote, liquidity });
  }

  positioned(symbol, qty, price, fee) {
    const position = this.positions.get(symbol) ?? { symbol, qty: 0, cost: 0, fees: 0 };
    position.cost = qty > 0 ? position.cost + price * qty : (position.cost / position.qty) * (position.qty + qty);
    position.qty += qty;
    position.fees += fee;
    if (position.qty === 0) this.positions.delete(symbol);
    else this.positions.set(symbol, position);
  }

  cost(market, price, qty, buy) {
    if (!buy) return this.money(qty, market.qtyScale);
    return Math.ceil(this.money(price * qty, market.priceScale + market.qtyScale) * 1.0015);
  }

  money(units, scale) {
    return Math.round(units * 10 ** (MONEY - scale));
  }

  change(asset, free, held) {
    const balance = this.assets.get(asset) ?? { free: 0, held: 0 };
    this.assets.set(asset, { free: balance.free + free, held: balance.held + held });
  }

  tell(order, event, fill) {
    this.emit('order', { event, data: order, fill });
    this.emit('balances', this.balances);
  }
}
