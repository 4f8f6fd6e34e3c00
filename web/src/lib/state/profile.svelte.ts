import { api } from '../api';
import { theme } from '../theme.svelte';
import type { Preferences, Profile } from '../types';
import { written } from '../written.svelte';
import { market } from './market.svelte';
import { session } from './session.svelte';

/** Who is logged in, as the venue has it, and what they prefer: it goes with the user to every browser. */
class ProfileState {
  user = $state.raw<Profile | null>(null);
  preferences = $derived<Partial<Preferences>>(this.user?.preferences ?? {});
  /** The name that is shown. Until the venue has answered, what was typed at the log-in. */
  name = $derived(this.user?.name ?? session.email);
  /** Choices go one after the other, so that the last one stays. */
  private sending: Promise<unknown> = Promise.resolve();

  /** Called when somebody logs in, when the session is renewed, and when nobody is logged in any more. */
  begin(): void {
    if (!session.token) this.user = null;
    else void this.load().catch(() => undefined);
  }

  async load(): Promise<void> {
    const asked = session.token;
    const user = await session.use((token) => api.me(token));
    // Somebody else may have logged in meanwhile.
    if (!asked || !session.token) return;
    const isFirst = this.user?.id !== user.id;
    this.user = user;
    if (isFirst) this.apply();
  }

  /** Takes what the venue says of the user now. */
  adopt(user: Profile): void {
    this.user = user;
  }

  /** Keeps what is chosen, beside what was chosen before; null takes a choice back. */
  async prefer(change: { [K in keyof Preferences]?: Preferences[K] | null }): Promise<void> {
    // All of it is sent: what is not known yet would be lost.
    if (!this.user) await this.load();
    if (!this.user) return;
    const all = { ...this.preferences, ...change };
    const preferences: Partial<Preferences> = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
    // It counts here at once: the next choice goes on from it.
    this.user = { ...this.user, preferences };
    this.apply();
    const sent = this.sending.then(() => session.use((token) => api.prefer(token, preferences)));
    this.sending = sent.catch(() => undefined);
    const last = this.sending;
    try {
      const user = await sent;
      if (this.sending === last) this.user = user;
    } catch (error) {
      await this.load().then(() => this.apply(), () => undefined);
      throw error;
    }
  }

  private apply(): void {
    const { theme: choice, default_symbol, locale, time_zone } = this.preferences;
    if (choice) theme.choose(choice);
    if (default_symbol) market.prefer(default_symbol);
    written.prefer(locale, time_zone);
  }
}

export const profile = new ProfileState();
