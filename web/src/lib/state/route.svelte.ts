/** The screens beside the terminal, by the address behind `#/`. The venue serves one page, so that what follows is the page's own. */
export const SCREENS = ['security', 'profile', 'keys', 'wallets', 'admin', 'setup'] as const;
export type Screen = (typeof SCREENS)[number];

/** What an address names: a screen and what stands behind it; anything else is the terminal. */
export function partsOf(hash: string): { screen: Screen | null; rest: string[] } {
  const [, name = '', ...rest] = hash.split('/');
  const screen = hash.startsWith('#/') ? SCREENS.find((one) => one === name) : undefined;
  return { screen: screen ?? null, rest: screen ? rest.map(decodeURIComponent) : [] };
}

/** Where the page is. */
class RouteState {
  private hash = $state(globalThis.location?.hash ?? '');
  private parts = $derived(partsOf(this.hash));
  screen = $derived(this.parts.screen);
  rest = $derived(this.parts.rest);

  start(): void {
    addEventListener('hashchange', () => (this.hash = location.hash));
  }

  go(path: string): void {
    location.hash = `#/${path}`;
  }
}

export const route = new RouteState();
