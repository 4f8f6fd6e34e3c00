import { Feed } from './feed';
import type { Socket } from './connection';
import type { FeedCommand, FeedMessage } from './protocol';

// The worker's own globals; the page's DOM types are the ones in scope.
const page = self as unknown as {
  postMessage(message: FeedMessage): void;
  onmessage: ((event: MessageEvent<FeedCommand>) => void) | null;
};

const feed = new Feed(
  {
    connect: (url) => new WebSocket(url) as unknown as Socket,
    now: () => performance.now(),
    after: (ms, run) => setTimeout(run, ms),
    cancel: (timer) => clearTimeout(timer as number | undefined),
    random: Math.random,
  },
  (message) => page.postMessage(message),
);

let bookWasReady = false;

/** One message a frame, however much the market moved. A hidden page draws no frames and is sent none. */
function frame(): void {
  const changes = feed.market.take(performance.now());
  if (changes) page.postMessage(changes);
  if (feed.market.bookReady !== bookWasReady) {
    bookWasReady = feed.market.bookReady;
    feed.status();
  }
  requestAnimationFrame(frame);
}

page.onmessage = ({ data }) => {
  if (data.type === 'view') feed.market.view(data.depth, data.group);
  else feed.command(data);
};

setInterval(() => feed.second(), 1_000);
requestAnimationFrame(frame);
