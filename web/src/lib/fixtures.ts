import type { Instrument, Order } from './types';

/** A market and an order for tests. */
export const market = (more: Partial<Instrument> = {}): Instrument => ({
  symbol: 'BTC-USD', base: 'BTC', quote: 'USD', tick_size: '0.05', lot_size: '0.001', min_qty: '0.002', max_qty: '100', min_notional: '5',
  max_position: null, max_orders_per_second: null, maker_fee_ppm: 1000, taker_fee_ppm: 2000, fee_tiers: [], self_trade_prevention: 'cancel_maker',
  allocation: { type: 'fifo' }, post_only_rule: 'reject', amend_priority: 'keep_if_reduced', bands: null, trigger_source: 'last_trade',
  trigger_at_entry: 'refuse', phase: 'continuous', auction: null, phase_ends_ms: null, schedule: null, ...more,
});

export const order = (more: Partial<Order> = {}): Order => ({
  order_id: '1', client_order_id: null, symbol: 'BTC-USD', side: 'buy', type: 'limit', time_in_force: 'gtc', expires_at_ms: null,
  post_only: false, reduce_only: false, imbalance_only: false, min_qty: null, peg: null, display_qty: null, self_trade_prevention: 'cancel_maker', prevented_qty: '0',
  trigger: null, triggered_price: null, list_id: null, price: '67000.00', qty: '0.5', quote_qty: null, filled_qty: '0', filled_quote: '0',
  avg_price: null, leaves_qty: '0.5', status: 'new', cancel_reason: null, fee: '0', fee_asset: 'USD', created_at: '', updated_at: '', seq: 1,
  ...more,
});
