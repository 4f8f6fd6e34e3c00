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
    const all = { ...this.preferences, ...change };
    const chosen = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
    this.user = await session.use((token) => api.prefer(token, chosen));
    this.apply();
  }

  private apply(): void {
    const { theme: choice, default_symbol, locale, time_zone } = this.preferences;
    if (choice) theme.choose(choice);
    if (default_symbol) market.prefer(default_symbol);
    written.prefer(locale, time_zone);
  }
}

export const profile = new ProfileState();
