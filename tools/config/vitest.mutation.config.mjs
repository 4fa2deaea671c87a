import { defineConfig } from 'vitest/config';
import { group } from '../mutation-groups.mjs';

/** What `npm run check:long -- mutation` runs against each mutant: the tests of its group, without those that only add volume. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@blue-webhooks/source', 'node'] } },
  test: {
    include: group.tests,
    exclude: ['**/contract.test.ts', ...group.without],
    testNamePattern:
      /^(?!.*(openssl signs|hundred thousand|whatever arrives|bit flipped|Redis|redisLedger|6\.9 seconds|oldest Hono)).*$/,
    testTimeout: 10_000,
    isolate: false, // spares two thirds of the time that loading the modules takes
  },
});
