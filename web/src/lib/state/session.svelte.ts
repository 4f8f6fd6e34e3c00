import { api, ApiError } from '../api';
import { onFeed, tellFeed } from '../feed/client';

const KEY = 'papertape.session';

interface Stored {
  token: string;
  email: string;
}

/** Who is logged in. The token lives in memory and in the tab's session storage, so that a reload keeps it. */
class SessionState {
  token = $state<string | null>(null);
  email = $state('');
  /** Set when the venue ended the session, for the log-in dialog to say so. */
  ended = $state(false);
  dialog = $state<'closed' | 'log-in' | 'sign-up'>('closed');

  start(): void {
    onFeed('auth', ({ ok }) => {
      if (!ok && this.token) this.expire();
    });
    const stored = sessionStorage.getItem(KEY);
    if (stored) this.adopt(JSON.parse(stored) as Stored);
  }

  async logIn(email: string, password: string): Promise<void> {
    const { access_token } = await api.logIn(email, password);
    this.ended = false;
    this.adopt({ token: access_token, email });
  }

  async signUp(email: string, password: string, again: string): Promise<void> {
    await api.signUp(email, password, again);
    await this.logIn(email, password);
  }

  logOut(): void {
    sessionStorage.removeItem(KEY);
    this.token = null;
    this.email = '';
    tellFeed({ type: 'session', token: null });
  }

  /** Runs a call that needs the token. A refusal of the token ends the session here too. */
  async use<T>(run: (token: string) => Promise<T>): Promise<T> {
    if (!this.token) throw new ApiError(401, 'UNAUTHORIZED', 'log in first');
    try {
      return await run(this.token);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401 && this.token) this.expire();
      throw error;
    }
  }

  private expire(): void {
    this.logOut();
    this.ended = true;
    this.dialog = 'log-in';
  }

  private adopt(session: Stored): void {
    sessionStorage.setItem(KEY, JSON.stringify(session));
    this.token = session.token;
    this.email = session.email;
    tellFeed({ type: 'session', token: session.token });
  }
}

export const session = new SessionState();
