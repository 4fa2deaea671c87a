/** What `npm run check:long -- mutation` changes, and the tests that have to notice: every mutant loads all test files of its group. */
export const groups = {
  stages: {
    mutate: [
      'packages/core/src/{verify-signature,signature,authenticate,secrets,hint,read,parse,shape,change-id,dispatch,receiver}.ts',
      'packages/core/src/{verifier,verify-delivery,delivery-verifier,outcome}.ts',
      'packages/core/src/hmac/{node,web}.ts',
    ],
    tests: [
      'packages/core/test/*.test.ts',
      'packages/core/test/changes/projects.test.ts',
      'packages/testing/test/ledger/late-errors.test.ts',
    ],
    without: ['**/{otel,flood,growth,readme,schemas}.test.ts'],
  },
  ledger: {
    mutate: ['packages/core/src/{deadline,attempt,attempts,hand-over,lease,ledger,ledger-calls,memory-ledger}.ts'],
    tests: ['packages/testing/test/ledger/*.test.ts', 'packages/core/test/{receiver,rejections,options,hooks}.test.ts'],
    without: ['**/{processes,redis-ledger}.test.ts'],
  },
  adapters: {
    mutate: ['packages/{express,hono,aws-lambda}/src/index.ts'],
    tests: ['packages/{express,hono,aws-lambda}/test/*.test.ts'],
    without: ['**/types.test.ts'],
  },
};

/** The group that runs: `tools/check-mutation.mjs` sets it. */
export const group = groups[process.env.MUTATION_GROUP ?? 'stages'];
