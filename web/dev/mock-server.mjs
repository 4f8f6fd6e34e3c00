// A stand-in for the venue's HTTP and WebSocket API, for developing the page. `npm run mock`, then `npm run dev`; it also
// serves `dist/` when that was built. It keeps nothing and checks little. PORT and STEP_MS change its port and pace.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';
import { Account, Refusal } from './accounts.mjs';
import { Market } from './market.mjs';

const PORT = Number(process.env.PORT ?? 8080);
const DIST = new URL('../dist/', import.meta.url).pathname;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };

const markets = new Map(
  [
    { symbol: 'BTC-USD', mid: 6712345, tick: '0.01', lot: '0.00001', size: 60000 },
    { symbol: 'ETH-USD', mid: 351820, tick: '0.01', lot: '0.0001', size: 80000 },
    { symbol: 'SOL-USD', mid: 168412, tick: '0.001', lot: '0.001', size: 90000, auction: true },
    { symbol: 'BTC-USDT', mid: 6710011, tick: '0.01', lot: '0.00001', size: 40000 },
    { symbol: 'ETH-USDT', mid: 351700, tick: '0.01', lot: '0.0001', size: 50000 },
  ].map((settings) => [settings.symbol, new Market(settings)]),
);
const accounts = new Map();
let nextOrder = 1;

setInterval(() => {
  for (const market of markets.values()) {
    market.step();
    for (const account of accounts.values()) account.reach(market);
  }
}, Number(process.env.STEP_MS ?? 40));

const routes = {
  'GET /healthz': () => ({ status: 'ok' }),
  'GET /api/v1/status': () => ({ status: 'ok', version: '0.1.0-mock', seq: 1, durable_seq: 1, durability: 'group', uptime_s: Math.floor(process.uptime()), instruments: markets.size }),
  'GET /api/v1/instruments': () => [...markets.values()].map(({ instrument }) => instrument),
  'GET /api/v1/trades': ({ query }) => of(query).trades.slice(-Number(query.get('limit') ?? 100)).reverse(),
  'GET /api/v1/candles': ({ query }) => of(query).candlesOf(query.get('interval') ?? '1m', Number(query.get('limit') ?? 100)),
  'POST /signup': ({ body }) => {
    if (accounts.has(body.email)) throw new Refusal(400, 'EMAIL_TAKEN', 'an account with this e-mail exists');
    const account = new Account(accounts.size + 1, body.email, body.password, markets);
    accounts.set(account.email, account);
    return [201, { id: account.id, email: account.email, created_at: account.created_at }];
  },
  'POST /api/v1/sessions': ({ body }) => {
    const account = accounts.get(body.login);
    if (account?.password !== body.password) throw new Refusal(401, 'WRONG_CREDENTIALS', 'wrong e-mail or password');
    return [201, { session_id: account.id, access_token: account.email, token_type: 'bearer', expires_in_s: 900, renewable_for_s: 900 }];
  },
  // There are no cookies here: a reload logs out.
  'POST /api/v1/sessions/refresh': () => {
    throw new Refusal(401, 'UNAUTHENTICATED', 'there is no session here');
  },
  'DELETE /api/v1/sessions/current': () => ({ ended: 1 }),
  'GET /api/v1/users/me': ({ account }) => profileOf(account),
  'PUT /api/v1/users/me/preferences': ({ account, body }) => profileOf(Object.assign(account, { preferences: body })),
  'GET /trades': ({ account }) => account.history,
  'GET /api/v1/account': ({ account }) => account.view,
  'GET /api/v1/account/fees': () => [...markets.values()].map(({ symbol, quote }) => ({ symbol, quote, volume_30d: '125000.5', tier: 0, maker_fee_ppm: 1000, taker_fee_ppm: 1500, next_tier: { tier: 1, min_volume: '500000', maker_fee_ppm: 800, taker_fee_ppm: 1200 } })),
  'GET /api/v1/account/margin': () => ({ margin: false, reference: null, collateral: '0', debt: '0', initial_margin: '0', maintenance_margin: '0', debts: [], assets: [] }),
  'GET /api/v1/orders': ({ account, query }) => (query.get('status') === 'closed' ? account.closed() : account.open()),
  'GET /api/v1/orders/{id}': ({ account, id }) => {
    const order = account.orders.find(({ order_id }) => order_id === id);
    if (!order) throw new Refusal(404, 'UNKNOWN_ORDER', 'no such order');
    return { ...order, queue: order.status === 'new' ? { orders_ahead: 2, qty_ahead: order.qty } : null };
  },
  'GET /api/v1/orders/{id}/story': ({ account, id }) => {
    const order = account.orders.find(({ order_id }) => order_id === id);
    if (!order) throw new Refusal(404, 'UNKNOWN_ORDER', 'no such order');
    return storyOf(order);
  },
  'POST /api/v1/orders': ({ account, body }) => [201, account.place(body, nextOrder++)],
  'POST /api/v1/order-lists': ({ account, body }) => {
    const list = String(nextOrder);
    const orders = body.orders.map((leg, at) => account.place({ symbol: body.symbol, ...leg }, nextOrder++, list, body.type !== 'oco' && at > 0));
    return [201, { list_id: list, client_order_id: body.client_order_id ?? null, symbol: body.symbol, orders }];
  },
  'DELETE /api/v1/orders': ({ account, query }) => ({ cancelled: account.open(query.get('symbol')).map((order) => account.cancel(order)) }),
  'DELETE /api/v1/orders/{id}': ({ account, id }) => {
    const order = account.open().find(({ order_id }) => order_id === id);
    if (!order) throw new Refusal(404, 'UNKNOWN_ORDER', 'no such open order');
    return account.cancel(order);
  },
};
/** A story of few words. */
function storyOf({ order_id, symbol, side, price, qty, filled_qty, avg_price, status, created_at, updated_at }) {
  const terms = `${side} ${qty} ${symbol}${price ? ` at ${price}` : ' at market'}`;
  const fills = Number(filled_qty) > 0 ? 1 : 0;
  const state = status === 'filled' ? 'filled' : status === 'cancelled' ? 'ended' : 'open';
  const lines = [{ seq: 1, index: 0, time: created_at, what: 'accepted', text: `account 1 asked: ${terms}` }];
  if (fills) lines.push({ seq: 2, index: 0, time: updated_at, what: 'fill', text: `${filled_qty} at ${avg_price} with another order` });
  if (state === 'ended') lines.push({ seq: 3, index: 0, time: updated_at, what: 'ended', text: 'it ends: Cancelled by the owner. (USER)' });
  const sum = { state, fills, filled_qty, average_price: avg_price, value: null, fees: [], seq: 3 };
  return { order: { order_id, account: 1, symbol, side, terms }, lines, left_out: 0, sum };
}

const OPEN_TO_ALL = /^(GET \/healthz|GET \/api\/v1\/(status|instruments|trades|candles)|POST \/(signup|api\/v1\/sessions(\/refresh)?))$/;

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock');
  const [, id, story = ''] = /^\/api\/v1\/orders\/(\d+)(\/story)?$/.exec(url.pathname) ?? [];
  const key = `${request.method} ${id ? `/api/v1/orders/{id}${story}` : url.pathname}`;
  if (!routes[key]) return file(url.pathname, response);
  try {
    const account = accounts.get(request.headers.authorization?.slice('Bearer '.length));
    if (!account && !OPEN_TO_ALL.test(key)) throw new Refusal(401, 'UNAUTHORIZED', 'log in first');
    const answer = routes[key]({ query: url.searchParams, body: await read(request), account, id });
    if (Array.isArray(answer) && typeof answer[0] === 'number') json(response, ...answer);
    else json(response, 200, answer);
  } catch (error) {
    const { status = 500, code = 'INTERNAL', message } = error;
    json(response, status, { type: 'about:blank', title: code, status, code, detail: message, request_id: 'mock' });
  }
});

new WebSocketServer({ server, path: '/api/v1/ws' }).on('connection', (socket) => {
  const subscriptions = new Map();
  let account;
  const send = (message) => socket.send(JSON.stringify(message));
  const follow = (emitter, event, listener) => {
    emitter.on(event, listener);
    return () => emitter.off(event, listener);
  };
  const channels = {
    book: (market) => {
      const { symbol } = market;
      send({ channel: 'book', symbol, type: 'snapshot', update_id: market.updateId, bids: market.levels('bids'), asks: market.levels('asks') });
      return follow(market, 'book', (update) => send({ channel: 'book', symbol, type: 'update', ...update }));
    },
    trades: (market) => {
      let n = 1;
      const push = (type, data) => send({ channel: 'trades', symbol: market.symbol, type, n: n++, data });
      push('snapshot', market.trades.slice(-100));
      return follow(market, 'trade', (trade) => push('update', [trade]));
    },
    ticker: (market) => {
      const push = () => send({ channel: 'ticker', symbol: market.symbol, data: market.ticker() });
      push();
      const timer = setInterval(push, 1000);
      return () => clearInterval(timer);
    },
    orders: () => {
      let n = 1;
      send({ channel: 'orders', type: 'snapshot', data: account.open() });
      return follow(account, 'order', (event) => send({ channel: 'orders', type: 'update', n: n++, ...event }));
    },
    balances: () => {
      send({ channel: 'balances', type: 'snapshot', data: account.balances });
      return follow(account, 'balances', (data) => send({ channel: 'balances', type: 'update', data }));
    },
  };
  socket.on('message', (text) => {
    const { op, id, channel, symbol, token } = JSON.parse(text);
    const key = `${channel} ${symbol ?? ''}`;
    if (op === 'ping') return send({ op: 'pong', id, time_ms: Date.now() });
    if (op === 'auth') {
      account = accounts.get(token);
      return send({ op, id, ok: !!account, account_id: account?.id, error: account ? undefined : { code: 'UNAUTHORIZED', detail: 'log in again' } });
    }
    send({ op, id, ok: true, channel, symbol });
    subscriptions.get(key)?.();
    subscriptions.delete(key);
    if (op === 'subscribe') subscriptions.set(key, channels[channel](markets.get(symbol)));
  });
  socket.on('close', () => subscriptions.forEach((stop) => stop()));
});

server.listen(PORT, '127.0.0.1', () => console.log(`mock venue on http://127.0.0.1:${PORT}`));

function profileOf({ id, email, created_at, preferences = {} }) {
  const name = email.split('@')[0];
  return { id, username: name, email, name, display_name: null, phone_number: null, profile_picture: null, role: 'user', preferences, last_login_at: null, last_logout_at: null, account_id: id, created_at, updated_at: created_at };
}

function of(query) {
  const market = markets.get(query.get('symbol'));
  if (!market) throw new Refusal(400, 'UNKNOWN_SYMBOL', 'no such instrument');
  return market;
}

async function read(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  if (!text) return {};
  return request.headers['content-type']?.includes('json') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
}

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function file(path, response) {
  const name = join(DIST, normalize(path === '/' ? '/index.html' : path));
  if (!existsSync(name) || !statSync(name).isFile()) return json(response, 404, { status: 404, code: 'NOT_FOUND', detail: path });
  const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'";
  response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream', 'content-security-policy': policy });
  createReadStream(name).pipe(response);
}
