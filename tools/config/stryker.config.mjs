import { group } from '../mutation-groups.mjs';

/** One group of `npm run check:long -- mutation`: see tools/check-mutation.mjs. */
export default {
  packageManager: 'pnpm',
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  vitest: { configFile: 'tools/config/vitest.mutation.config.mjs', related: false },
  inPlace: true,
  mutate: group.mutate,
  // Wording is not behaviour: the tests check what a message must contain, not each word.
  mutator: { excludedMutations: ['StringLiteral'] },
  // Code that runs once, when a file is loaded, cannot be changed between tests; all else is.
  ignoreStatic: true,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 95, break: 95 },
  concurrency: 2,
  timeoutMS: 10_000,
};
