import type {
  Account, AccountFees, Candle, HistoryTrade, Instrument, Interval, ListRequest, Loan, LoanRequest, Margin, Opened, Order, OrderList,
  OrderRequest, Preferences, Profile, Queue, SideName, Story, User, VenueStatus,
} from './types';

/** A refusal or failure, with the venue's reason code. Status 0: the venue could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    /** Seconds after which the same may succeed, where the venue says so. */
    readonly retryAfterS: number | null = null,
  ) {
    super(`${code}: ${detail}`);
  }
}

interface Call {
  token?: string | null;
  json?: object;
  /** A body that is no JSON. */
  bytes?: Blob;
  query?: Record<string, string | number | undefined>;
}

export async function call<T>(method: string, path: string, { token, json, bytes, query }: Call = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  if (json) headers['content-type'] = 'application/json';
  const wanted = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  const search = wanted.length ? `?${new URLSearchParams(wanted.map(([key, value]) => [key, String(value)]))}` : '';
  if (bytes) headers['content-type'] = 'application/octet-stream';
  const body = bytes ?? (json ? JSON.stringify(json) : undefined);
  const response = await fetch(path + search, { method, headers, body }).catch(() => {
    throw new ApiError(0, 'UNREACHABLE', 'the venue could not be reached');
  });
  const text = await response.text();
  const value = text ? (tryJson(text) as Record<string, unknown> | undefined) : undefined;
  if (response.ok && (value !== undefined || response.status === 204)) return value as T;
  const detail = typeof value?.detail === 'string' ? value.detail : `the venue answered with status ${response.status}`;
  const wait = Number(response.headers.get('retry-after') ?? NaN);
  throw new ApiError(response.status, typeof value?.code === 'string' ? value.code : `HTTP_${response.status}`, detail, Number.isFinite(wait) ? wait : null);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const api = {
  status: () => call<VenueStatus>('GET', '/api/v1/status'),
  instruments: () => call<Instrument[]>('GET', '/api/v1/instruments'),
  candles: (symbol: string, interval: Interval, limit: number) =>
    call<Candle[]>('GET', '/api/v1/candles', { query: { symbol, interval, limit } }),

  signUp: (email: string, password: string, confirm_password: string) =>
    call<User>('POST', '/signup', { json: { email, password, confirm_password } }),
  /** The refresh token goes into a cookie that no script reads. */
  logIn: (login: string, password: string, code?: string) =>
    call<Opened>('POST', '/api/v1/sessions', { json: { login, password, code, cookie: true } }),
  /** Renews the session that the cookie belongs to. */
  renew: () => call<Opened>('POST', '/api/v1/sessions/refresh', { json: {} }),
  forgotPassword: (email: string) => call<{ message: string }>('POST', '/api/v1/password-reset', { json: { email } }),
  resetPassword: (token: string, new_password: string) =>
    call<{ message: string }>('POST', '/api/v1/password-reset/confirm', { json: { token, new_password } }),
  logOut: (token: string) => call<{ ended: number }>('DELETE', '/api/v1/sessions/current', { token }),
  me: (token: string) => call<Profile>('GET', '/api/v1/users/me', { token }),
  prefer: (token: string, preferences: Partial<Preferences>) => call<Profile>('PUT', '/api/v1/users/me/preferences', { token, json: preferences }),

  account: (token: string) => call<Account>('GET', '/api/v1/account', { token }),
  fees: (token: string) => call<AccountFees[]>('GET', '/api/v1/account/fees', { token }),
  margin: (token: string) => call<Margin>('GET', '/api/v1/account/margin', { token }),
  borrow: (token: string, loan: LoanRequest) => call<Loan>('POST', '/api/v1/account/borrow', { token, json: loan }),
  repay: (token: string, loan: LoanRequest) => call<Loan>('POST', '/api/v1/account/repay', { token, json: loan }),
  history: (token: string) => call<HistoryTrade[]>('GET', '/trades', { token }),
  place: (token: string, order: OrderRequest) => call<Order>('POST', '/api/v1/orders', { token, json: order }),
  /** An order, with its place in the queue of its price while it rests there. */
  order: (token: string, orderId: string) =>
    call<Order & { queue: Queue | null }>('GET', `/api/v1/orders/${encodeURIComponent(orderId)}`, { token }),
  /** The life of an order; null while the venue still reads it: ask again. */
  story: async (token: string, orderId: string): Promise<Story | null> => {
    const told = await call<Story | { status: 'PENDING' }>('GET', `/api/v1/orders/${encodeURIComponent(orderId)}/story`, { token });
    return 'lines' in told ? told : null;
  },
  ended: (token: string, limit: number) => call<Order[]>('GET', '/api/v1/orders', { token, query: { status: 'closed', limit } }),
  placeList: (token: string, list: ListRequest) => call<OrderList>('POST', '/api/v1/order-lists', { token, json: list }),
  cancel: (token: string, orderId: string) =>
    call<Order>('DELETE', `/api/v1/orders/${encodeURIComponent(orderId)}`, { token }),
  cancelAll: (token: string, symbol?: string, side?: SideName) =>
    call<{ cancelled: Order[] }>('DELETE', '/api/v1/orders', { token, query: { symbol, side } }),
};
