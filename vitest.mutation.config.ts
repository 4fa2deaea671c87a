import { defineConfig } from 'vitest/config';

/** What `npm run check:mutation` runs against each mutant: the tests of what is mutated, without those that only add volume. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@blue-webhooks/source', 'node'] } },
  test: {
    include: ['packages/{core,express,hono,aws-lambda}/test/**/*.test.ts', 'packages/testing/test/ledger/*.test.ts'],
    exclude: ['**/contract.test.ts'],
    testNamePattern: /^(?!.*(openssl signs|hundred thousand|whatever arrives|bit flipped|Redis|redisLedger)).*$/,
    testTimeout: 10_000,
  },
});
