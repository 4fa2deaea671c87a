import { defineConfig } from 'vitest/config';

/** The tests that take too long for `npm test`: `npm run check:long` runs them. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@blue-webhooks/source', 'node'] } },
  test: { include: ['**/test/**/*.long.test.ts'] },
});
