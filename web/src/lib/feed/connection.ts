import type { LinkState, ServerMessage } from './protocol';

/** The part of a browser's WebSocket that is used, so that a test can stand in for it. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

/** Time and chance are handed in. Times are milliseconds; `random` gives 0 ≤ x < 1. */
export interface Surroundings {
  connect(url: string): Socket;
  now(): number;
  after(ms: number, run: () => void): unknown;
  cancel(timer: unknown): void;
  random(): number;
}

export interface ConnectionEvents {
  opened(): void;
  message(message: ServerMessage): void;
  /** The link's state or the measured latency changed. */
  changed(): void;
}

export const PING_EVERY_MS = 2_000;
export const SILENT_AFTER_MS = 5_000;
export const GIVE_UP_AFTER_MS = 10_000;
const BACKOFF_FIRST_MS = 250;
const BACKOFF_MOST_MS = 10_000;
const LATENCIES_KEPT = 5;

/**
 * One WebSocket that comes back by itself. A lost link is tried again after a delay that doubles up to ten seconds, with
 * chance in it so that many pages do not return in step; an answered ping ends the doubling. A link that says nothing is
 * first reported as silent, then given up.
 */
export class Connection {
  link: LinkState = 'connecting';
  retryInMs: number | null = null;
  private url = '';
  private socket: Socket | null = null;
  private attempts = 0;
  private lastHeard = 0;
  private timer: unknown = null;
  private pings = new Map<string, number>();
  private latencies: number[] = [];
  private nextId = 1;

  constructor(
    private readonly around: Surroundings,
    private readonly events: ConnectionEvents,
  ) {}

  /** The median of the last round trips, or null before the first. */
  get latencyMs(): number | null {
    const sorted = [...this.latencies].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }

  open(url: string): void {
    this.url = url;
    this.dial();
  }

  /** Ends a wait for the next attempt. */
  retry(): void {
    if (this.link === 'waiting') this.dial();
  }

  /** Leaves the link for a fresh one, at once: the venue forgets who this was. */
  restart(): void {
    if (this.link === 'waiting') return;
    this.leave();
    this.dial();
  }

  /** Sends an operation and gives its id, or null when there is no link: whoever cares sends again on `opened`. */
  send(op: string, fields: object = {}): string | null {
    if (!this.socket || this.link === 'connecting' || this.link === 'waiting') return null;
    const id = String(this.nextId++);
    this.socket.send(JSON.stringify({ op, id, ...fields }));
    return id;
  }

  private dial(): void {
    this.schedule(GIVE_UP_AFTER_MS, () => this.lost());
    this.set('connecting', null);
    const socket = this.around.connect(this.url);
    this.socket = socket;
    socket.onopen = () => this.opened(socket);
    socket.onmessage = (event) => this.heard(socket, event.data);
    socket.onclose = () => this.socket === socket && this.lost();
  }

  private opened(socket: Socket): void {
    if (this.socket !== socket) return;
    this.lastHeard = this.around.now();
    this.set('live', null);
    this.events.opened();
    this.beat();
  }

  private heard(socket: Socket, data: unknown): void {
    if (this.socket !== socket || typeof data !== 'string') return;
    this.lastHeard = this.around.now();
    if (this.link === 'silent') this.set('live', null);
    const message = JSON.parse(data) as ServerMessage;
    if ('op' in message && message.op === 'pong') this.pong(message.id);
    else this.events.message(message);
  }

  private beat(): void {
    const quiet = this.around.now() - this.lastHeard;
    if (quiet >= GIVE_UP_AFTER_MS) return this.lost();
    if (quiet >= SILENT_AFTER_MS && this.link === 'live') this.set('silent', null);
    const sentAt = this.around.now();
    const id = this.send('ping');
    if (id) this.pings.set(id, sentAt);
    this.schedule(PING_EVERY_MS, () => this.beat());
  }

  private pong(id: string | undefined): void {
    const sentAt = id === undefined ? undefined : this.pings.get(id);
    if (id === undefined || sentAt === undefined) return;
    this.pings.delete(id);
    this.attempts = 0;
    this.latencies = [...this.latencies, this.around.now() - sentAt].slice(-LATENCIES_KEPT);
    this.events.changed();
  }

  private lost(): void {
    this.leave();
    const ceiling = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** this.attempts);
    this.attempts += 1;
    const delay = Math.round(ceiling / 2 + (ceiling / 2) * this.around.random());
    this.schedule(delay, () => this.dial());
    this.set('waiting', delay);
  }

  private leave(): void {
    const socket = this.socket;
    this.socket = null;
    this.pings.clear();
    this.latencies = [];
    socket?.close();
  }

  private schedule(ms: number, run: () => void): void {
    this.around.cancel(this.timer);
    this.timer = this.around.after(ms, run);
  }

  private set(link: LinkState, retryInMs: number | null): void {
    this.link = link;
    this.retryInMs = retryInMs;
    this.events.changed();
  }
}
