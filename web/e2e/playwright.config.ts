import { defineConfig } from '@playwright/test';

const args = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** Runs against a venue that is already up: PAPERTAPE_URL says where, CHROMIUM which browser. */
export default defineConfig({
  testDir: '.',
  outputDir: 'out/traces',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  workers: 1,
  reporter: 'list',
  use: {
    baseURL: process.env.PAPERTAPE_URL ?? 'http://127.0.0.1:8080',
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args },
  },
});
