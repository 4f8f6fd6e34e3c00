import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const venue = process.env.PAPERTAPE_URL ?? 'http://127.0.0.1:8080';
const proxy = Object.fromEntries(
  ['/api', '/signup', '/login', '/users', '/trade', '/portfolio', '/pictures', '/docs', '/openapi.json'].map((path) => [
    path,
    { target: venue, ws: path === '/api' },
  ]),
);

export default defineConfig({
  plugins: [svelte()],
  server: { host: '127.0.0.1', port: 5173, proxy },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    // The venue serves the page under `default-src 'self'`, which refuses data: URLs.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 300,
  },
  test: { include: ['src/**/*.test.ts'] },
});
