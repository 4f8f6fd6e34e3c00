import { api, ApiError } from '../api';
import { onFeed, tellFeed } from '../feed/client';
import type { Opened } from '../types';

/** Whose session this browser has. The refresh token is in a cookie, out of reach; here is only that there is one. */
const KEY = 'papertape.session';

/** Renewed so long before the access token ends. */
const AHEAD_S = 60;

/** Tabs share the cookie, and a refresh token is good once: one of them asks at a time. */
function alone<T>(run: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks;
  return locks ? locks.request(KEY, run) : run();
}

/** Who is logged in. The access token lives in memory alone; a reload asks for the next one. */
class SessionState {
  token = $state<string | null>(null);
  email = $state('');
  /** Set when the venue ended the session, for the log-in dialog to say so. */
  ended = $state(false);
  /** While it is not known yet whether the session of before goes on. */
  resuming = $state(false);
  dialog = $state<'closed' | 'log-in' | 'sign-up' | 'forgot' | 'reset'>('closed');
  /** What came in the link of a mail. */
  private link = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
  private renewal: Promise<boolean> | null = null;

  start(): void {
    onFeed('auth', ({ ok }) => {
      if (!ok && this.token) void this.renewOrExpire();
    });
    this.followLink();
    const email = localStorage.getItem(KEY);
    if (email !== null) void this.resume(email);
  }

  async logIn(email: string, password: string, code?: string): Promise<void> {
    const opened = await api.logIn(email, password, code);
    this.ended = false;
    this.adopt(opened, email);
  }

  async signUp(email: string, password: string, again: string): Promise<void> {
    await api.signUp(email, password, again);
    await this.logIn(email, password);
  }

  /** Sets the password by the link that was followed; whoever did logs in with it next. */
  async resetPassword(password: string): Promise<void> {
    await api.resetPassword(this.link, password);
    this.link = '';
  }

  /** The link's secret goes out of the address at once: it is in no history and in no picture of the screen. */
  private followLink(): void {
    const [, token] = /^#reset=([0-9a-f]+)$/.exec(location.hash) ?? [];
    if (!token) return;
    this.link = token;
    this.dialog = 'reset';
    history.replaceState(null, '', location.pathname + location.search);
  }

  logOut(): void {
    const token = this.token;
    this.forget();
    // Whether or not the venue hears it: this page knows nothing any more.
    if (token) void api.logOut(token).catch(() => undefined);
  }

  /** Runs a call that needs the token. If the venue refuses it, the session is renewed once; if that fails, it has ended. */
  async use<T>(run: (token: string) => Promise<T>): Promise<T> {
    if (!this.token) throw new ApiError(401, 'UNAUTHORIZED', 'log in first');
    try {
      return await run(this.token);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401 && this.token)) throw error;
      if (!(await this.renewOrExpire()) || !this.token) throw error;
      return run(this.token);
    }
  }

  private async resume(email: string): Promise<void> {
    this.resuming = true;
    try {
      this.adopt(await alone(api.renew), email);
    } catch (error) {
      // A venue that cannot be reached ends no session.
      if (error instanceof ApiError && error.status === 401) localStorage.removeItem(KEY);
    } finally {
      this.resuming = false;
    }
  }

  /** Whether there is a token to go on with. Many may ask at once. */
  private renewOrExpire(): Promise<boolean> {
    this.renewal ??= this.renew().finally(() => (this.renewal = null));
    return this.renewal;
  }

  private async renew(): Promise<boolean> {
    try {
      const opened = await alone(api.renew);
      if (!this.token) return false;
      this.token = opened.access_token;
      this.renewLater(opened);
      tellFeed({ type: 'renew', token: opened.access_token });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401 && this.token) this.expire();
      return this.token !== null;
    }
  }

  private expire(): void {
    this.forget();
    this.ended = true;
    this.dialog = 'log-in';
  }

  private forget(): void {
    clearTimeout(this.timer);
    localStorage.removeItem(KEY);
    this.token = null;
    this.email = '';
    tellFeed({ type: 'session', token: null });
  }

  private adopt(opened: Opened, email: string): void {
    localStorage.setItem(KEY, email);
    this.token = opened.access_token;
    this.email = email;
    this.renewLater(opened);
    tellFeed({ type: 'session', token: opened.access_token });
  }

  private renewLater({ expires_in_s }: Opened): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.renewOrExpire(), Math.max(1, expires_in_s - AHEAD_S) * 1_000);
  }
}

export const session = new SessionState();
