import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = '@blue-webhooks/source';
const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Tests run on the packages' sources; what is packed and installed is checked by `npm run check -- package`. */
const shared = {
  ssr: { resolve: { conditions: [source, 'node'] } },
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    env: { BLUE_WEBHOOK_SECRET: 'blue-test-secret-1' },
    chaiConfig: { truncateThreshold: 0 }, // whole titles: a test can be run by any part of its own
  },
};

/**
 * The tests that need a process of their own. Hono's load two versions of it, those of the lifecycle count the timers of the process,
 * and 10,000 events take ten times as long in a process that has run many other files.
 */
const alone = [
  'packages/hono/test/**/*.test.ts',
  'packages/inbox/test/lifecycle.test.ts',
  'packages/testing/test/simulator/play.test.ts',
];

export default defineConfig({
  test: {
    reporters: ['default', './tools/count-reporter.ts'],
    // More than cores: the longest files wait for servers, processes and pauses.
    maxWorkers: 3,
    // The tests that run concurrently wait for time limits and servers, and need next to no CPU.
    maxConcurrency: 20,
    projects: [
      {
        ...shared,
        test: {
          ...shared.test,
          name: 'node',
          include: ['{packages,examples}/*/test/**/*.test.ts', 'packages/create/template/test/*.test.ts'],
          exclude: [...alone, '**/node_modules/**'],
          isolate: false, // the modules of a package are loaded once per worker, not once per file
        },
      },
      {
        ...shared,
        test: {
          ...shared.test,
          name: 'isolated',
          include: [...alone, '{docs,tools}/test/**/*.test.ts'],
          exclude: ['**/*.long.test.ts', '**/node_modules/**'],
        },
      },
      {
        // Core once more on Web Crypto, as Workers and browsers run it.
        ...shared,
        resolve: { alias: { '#hmac': file('./packages/core/src/hmac/web.ts') } },
        test: {
          ...shared.test,
          name: 'web',
          include: ['packages/core/test/**/*.test.ts'],
          isolate: false,
          // Memory is Node's; changes, telemetry and schemas know no signature.
          exclude: [
            '**/flood.test.ts',
            '**/hmac.test.ts',
            '**/core/test/changes/**',
            '**/otel.test.ts',
            '**/schemas.test.ts',
          ],
        },
      },
    ],
  },
});
