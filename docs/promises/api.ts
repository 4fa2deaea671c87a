import type { DocumentedPromise } from './documented-promise';

export const api: readonly DocumentedPromise[] = [
  {
    says: '20 requests in any 60 seconds (`requestsPerMinute`), counted over all clients of one token in the process, retries included.',
    document: 'packages/api/README.md',
    file: 'packages/api/test/client.test.ts',
    test: 'sends at most 20 requests in any 60 seconds, over all clients of a token',
    broken: { file: 'packages/api/src/budget.ts', from: 'const WINDOW_MS = 60_000;', to: 'const WINDOW_MS = 30_000;' },
  },
  {
    says: 'It contains no token.',
    document: 'packages/api/README.md',
    file: 'packages/api/test/client.test.ts',
    test: 'contain no token, whatever fetch throws or the server answers',
    broken: {
      file: 'packages/api/src/transport.ts',
      from: 'const cause = DriverError.from(thrown);',
      to: 'return thrown as DriverError;',
    },
  },
  {
    says: 'The secret goes to `onSecret` before anything else happens',
    document: 'packages/api/README.md',
    file: 'packages/api/test/ensure-webhook.test.ts',
    test: 'hands the secret over before it does anything else with the webhook',
    broken: {
      file: 'packages/api/src/webhooks/create-webhook.ts',
      from: '    await onSecret({',
      to: `    await client.run('UpdateWebhook', { input: { webhookId: webhook.id } });
    await onSecret({`,
    },
  },
  {
    says: 'If several processes boot at the same time, the oldest webhook remains.',
    document: 'packages/api/README.md',
    file: 'packages/api/test/ensure-webhook.test.ts',
    test: 'fifty concurrent processes leave one webhook whose secret is stored',
    broken: {
      file: 'packages/api/src/webhooks/ensure-webhook.ts',
      from: 'if (!oldest || oldest.id === created.id) return true;',
      to: 'if (created) return true;',
    },
  },
  {
    says: 'Calls that wait are batched, up to 100 records in two requests, within the budget.',
    document: 'packages/api/README.md',
    file: 'packages/api/test/read-current.test.ts',
    test: 'batches waiting reads, and reads again what is requested during a read',
    broken: { file: 'packages/api/src/catch-up/reader.ts', from: 'const IDS = 100;', to: 'const IDS = 10;' },
  },
  {
    says: 'While the self-test fails, nothing is enabled.',
    document: 'packages/api/README.md',
    file: 'packages/api/test/watch-webhook.test.ts',
    test: 'reports "down" once, tries no enabling while the endpoint fails, then recovers and catches up',
    broken: {
      file: 'packages/api/src/watch/recovery.ts',
      from: "return wait('The self-test of the endpoint fails.');",
      to: "problem = 'The self-test of the endpoint fails.';",
    },
  },
  {
    says: '`onChange` is called once for each change of state',
    document: 'packages/api/README.md',
    file: 'packages/api/test/watch-webhook.test.ts',
    test: 'reports "down" once, tries no enabling while the endpoint fails, then recovers and catches up',
    broken: {
      file: 'packages/api/src/watch/watch-webhook.ts',
      from: 'if (seen.state === state) return;',
      to: "if (seen.state === state && state === 'healthy') return;",
    },
  },
  {
    says: '`delivery.id` is a digest of the change.',
    document: 'packages/api/README.md',
    file: 'packages/api/test/catch-up-steps.test.ts',
    test: 'gives a step the same id again where a handler has failed',
    broken: {
      file: 'packages/api/src/catch-up/backfill-event.ts',
      from: "'step', step.id",
      to: "'step', Math.random()",
    },
  },
  {
    says: 'Each step before it is an event of its own',
    document: 'packages/api/README.md',
    file: 'packages/api/test/catch-up-steps.test.ts',
    test: 'passes on each of several moves, the net change last',
    broken: {
      file: 'packages/api/src/catch-up/steps.ts',
      from: 'return named.filter((each) => !covered.includes(each));',
      to: 'return covered.length > named.length ? named : [];',
    },
  },
  {
    says: 'reports a deletion only if the activity feed accounts for it',
    document: 'packages/api/README.md',
    file: 'packages/api/test/catch-up-cases.test.ts',
    test: 'does not report what a user may no longer see as deleted',
    broken: {
      file: 'packages/api/src/catch-up/removals.ts',
      from: 'rest.length <= unnamed() ?',
      to: 'rest.length >= 0 ?',
    },
  },
];
