import { Connection, type Surroundings } from './connection';
import { Market } from './market';
import type { AccountMessage, FeedCommand, FeedStatus, ServerMessage } from './protocol';

/** A second snapshot is not asked for sooner than this, so that a broken stream does not become a storm. */
const RESYNC_APART_MS = 1_000;

/**
 * The page's whole link to the venue: keeps what is subscribed over reconnects, joins the market data, passes the
 * account's own events on at once. `emit` takes everything but frames, which the owner pulls with `market.take(now)`.
 */
export class Feed {
  readonly market = new Market();
  private readonly connection: Connection;
  private watched: string[] = [];
  private selected: string | null = null;
  private token: string | null = null;
  private authId: string | null = null;
  private known = false;
  private ordersNext: number | null = null;
  private resyncs = 0;
  private resyncAt = new Map<string, number>();
  private rate = 0;

  constructor(
    private readonly around: Surroundings,
    private readonly emit: (message: FeedStatus | AccountMessage) => void,
  ) {
    this.connection = new Connection(around, {
      opened: () => this.opened(),
      message: (message) => this.message(message),
      changed: () => this.changed(),
    });
  }

  command(command: Exclude<FeedCommand, { type: 'view' }>): void {
    switch (command.type) {
      case 'open':
        return this.connection.open(command.url);
      case 'retry':
        return this.connection.retry();
      case 'watch':
        return this.watch(command.symbols);
      case 'select':
        return this.select(command);
      case 'session':
        return this.session(command.token);
      case 'renew':
        return this.renew(command.token);
    }
  }

  /** Called once a second: the rate of book updates, and a status for whoever shows it. */
  second(): void {
    this.rate = this.market.updates;
    this.market.updates = 0;
    this.status();
  }

  private opened(): void {
    this.known = false;
    this.resyncAt.clear();
    for (const symbol of this.watched) this.subscribe('ticker', symbol);
    if (this.selected) this.subscribeMarket(this.selected);
    if (this.token) this.authenticate();
  }

  private changed(): void {
    if (this.connection.link === 'waiting' || this.connection.link === 'connecting') this.market.reset();
    this.status();
  }

  private watch(symbols: string[]): void {
    for (const symbol of symbols) if (!this.watched.includes(symbol)) this.subscribe('ticker', symbol);
    this.watched = symbols;
  }

  private select({ symbol, priceScale, qtyScale }: Extract<FeedCommand, { type: 'select' }>): void {
    if (this.selected === symbol) return;
    if (this.selected) {
      this.unsubscribe('book', this.selected);
      this.unsubscribe('trades', this.selected);
    }
    this.selected = symbol;
    this.market.select(symbol, priceScale, qtyScale);
    this.subscribeMarket(symbol);
    this.status();
  }

  private session(token: string | null): void {
    const another = this.token !== null && this.token !== token;
    this.token = token;
    if (another) this.connection.restart();
    else if (token) this.authenticate();
  }

  /** A connection that the venue knows the user on needs no other token. */
  private renew(token: string): void {
    this.token = token;
    if (!this.known) this.authenticate();
  }

  private authenticate(): void {
    this.authId = this.connection.send('auth', { token: this.token });
  }

  private message(message: ServerMessage): void {
    if ('op' in message) return this.answer(message);
    switch (message.channel) {
      case 'orders':
        return this.orders(message);
      case 'balances':
        return this.emit({ type: 'balances', data: message.data });
      default: {
        const hole = this.market.fold(message);
        if (hole) this.resync(hole, message.symbol);
      }
    }
  }

  private answer(message: Extract<ServerMessage, { op: string }>): void {
    if (!('ok' in message) || message.op !== 'auth' || message.id !== this.authId) return;
    this.known = message.ok;
    this.emit({ type: 'auth', ok: message.ok, detail: message.error?.detail });
    if (!message.ok || !this.token) return;
    this.ordersNext = null;
    this.subscribe('orders');
    this.subscribe('balances');
  }

  private orders(message: Extract<ServerMessage, { channel: 'orders' }>): void {
    if (!this.token) return;
    if (message.type === 'update') {
      if (this.ordersNext !== null && message.n !== undefined && message.n !== this.ordersNext) {
        this.ordersNext = null;
        return this.resync('orders');
      }
      // What was refused is no order; whoever sent it has the answer.
      if (message.data) this.emit({ type: 'order', event: message.event, order: message.data, fill: message.fill ?? null });
    } else {
      this.emit({ type: 'orders', data: message.data });
    }
    this.ordersNext = message.n === undefined ? null : message.n + 1;
  }

  private resync(channel: string, symbol?: string): void {
    const now = this.around.now();
    const wait = (this.resyncAt.get(channel) ?? -Infinity) + RESYNC_APART_MS - now;
    this.resyncAt.set(channel, now + Math.max(0, wait));
    this.resyncs += 1;
    const again = () => {
      if (symbol !== undefined && symbol !== this.selected) return;
      this.unsubscribe(channel, symbol);
      this.subscribe(channel, symbol);
    };
    if (wait > 0) this.around.after(wait, again);
    else again();
    this.status();
  }

  private subscribeMarket(symbol: string): void {
    this.subscribe('book', symbol);
    this.subscribe('trades', symbol);
  }

  private subscribe(channel: string, symbol?: string): void {
    this.connection.send('subscribe', { channel, symbol });
  }

  private unsubscribe(channel: string, symbol?: string): void {
    this.connection.send('unsubscribe', { channel, symbol });
  }

  /** Tells how the link and the book are. */
  status(): void {
    this.emit({
      type: 'status',
      link: this.connection.link,
      retryInMs: this.connection.retryInMs,
      latencyMs: this.connection.latencyMs,
      bookReady: this.market.bookReady,
      updatesPerSecond: this.rate,
      resyncs: this.resyncs,
    });
  }
}

