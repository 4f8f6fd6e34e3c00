import type { Component } from 'svelte';

/** A part of the page that asks for nothing. */
export type Part = Component<Record<string, never>>;

/** A part that is fetched when it is first shown. A fetch that failed is tried anew at the next showing. */
export function lazy(load: () => Promise<{ default: Part }>): () => Promise<Part> {
  let fetched: Promise<Part> | null = null;
  return () => {
    fetched ??= load().then(
      (module) => module.default,
      (error: unknown) => {
        fetched = null;
        throw error;
      },
    );
    return fetched;
  };
}
