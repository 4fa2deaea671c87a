import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = '@blue-webhooks/source';
const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Tests run on the packages' sources; what is packed and installed is checked by `npm run check:package`. */
const shared = {
  ssr: { resolve: { conditions: [source, 'node'] } },
  test: { testTimeout: 20_000, env: { BLUE_WEBHOOK_SECRET: 'blue-test-secret-1' } },
};

export default defineConfig({
  test: {
    reporters: ['default', './tools/count-reporter.ts'],
    projects: [
      {
        ...shared,
        test: {
          ...shared.test,
          name: 'node',
          include: ['{packages,examples}/*/test/**/*.test.ts', '{docs,tools}/test/**/*.test.ts'],
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
          // Memory is Node's, and changes and telemetry know no signature.
          exclude: ['**/flood.test.ts', '**/hmac.test.ts', '**/core/test/changes/**', '**/otel.test.ts'],
        },
      },
    ],
  },
});
