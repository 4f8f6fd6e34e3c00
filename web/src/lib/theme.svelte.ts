type Theme = 'dark' | 'light';

const KEY = 'papertape.theme';
const system = matchMedia('(prefers-color-scheme: light)');

function chosen(): Theme | null {
  const stored = localStorage.getItem(KEY);
  return stored === 'dark' || stored === 'light' ? stored : null;
}

/** The theme in force: the trader's choice, else the system's. */
class ThemeState {
  current = $state<Theme>(chosen() ?? (system.matches ? 'light' : 'dark'));

  constructor() {
    this.apply();
    system.addEventListener('change', () => {
      if (!chosen()) this.current = system.matches ? 'light' : 'dark';
      this.apply();
    });
  }

  toggle(): void {
    this.choose(this.current === 'dark' ? 'light' : 'dark');
  }

  choose(choice: Theme | 'system'): void {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
    this.current = chosen() ?? (system.matches ? 'light' : 'dark');
    this.apply();
  }

  private apply(): void {
    document.documentElement.dataset.theme = this.current;
  }
}

export const theme = new ThemeState();

/** The colour a token stands for right now, for canvases that know no custom properties. */
export function tokenColor(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}
