import type { FeedCommand, FeedMessage } from './protocol';

type Kind = FeedMessage['type'];
type Of<K extends Kind> = Extract<FeedMessage, { type: K }>;
type Listener = (message: FeedMessage) => void;

const listeners = new Map<Kind, Set<Listener>>();
let worker: Worker | null = null;

/** Starts the worker and its link to the venue that served this page. */
export function openFeed(): void {
  if (worker) return;
  worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'feed' });
  worker.onmessage = ({ data }: MessageEvent<FeedMessage>) => listeners.get(data.type)?.forEach((listen) => listen(data));
  const url = new URL('/api/v1/ws', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  tellFeed({ type: 'open', url: url.href });
  const retry = () => document.visibilityState === 'visible' && tellFeed({ type: 'retry' });
  addEventListener('online', retry);
  document.addEventListener('visibilitychange', retry);
}

export function tellFeed(command: FeedCommand): void {
  worker?.postMessage(command);
}

/** Listens to one kind of message; gives the function that stops it, as a Svelte effect wants it. */
export function onFeed<K extends Kind>(kind: K, listen: (message: Of<K>) => void): () => void {
  const set = listeners.get(kind) ?? new Set<Listener>();
  listeners.set(kind, set);
  set.add(listen as Listener);
  return () => set.delete(listen as Listener);
}
