/**
 * `npm run check:mutation`: changes the stages and the adapters in some 900 places, one at a time, and asks the tests to notice.
 * It writes the changes into the files, so run it in a clone. Some twenty minutes on two cores.
 */
export default {
  packageManager: 'pnpm',
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  inPlace: true,
  mutate: [
    'packages/core/src/{verify,signature,authenticate,secrets,hint,read,parse,shape,dispatch,deadline,attempts,ledger,receiver,verifier}.ts',
    'packages/core/src/hmac/{node,web}.ts',
    'packages/{express,hono,aws-lambda}/src/index.ts',
  ],
  // Wording is not behaviour: the tests check what a message must tell, not each of its words.
  mutator: { excludedMutations: ['StringLiteral'] },
  // Code that runs once, when a file is loaded, cannot be changed between tests; all else is.
  ignoreStatic: true,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
  concurrency: 2,
  timeoutMS: 10_000,
};
