import type { DocumentedPromise } from './documented-promise';

export const core: readonly DocumentedPromise[] = [
  {
    says: 'Handlers of one event run one after the other, all of them even if one fails; none is started once the deadline has passed.',
    document: 'packages/core/README.md',
    file: 'packages/core/test/receiver.test.ts',
    test: 'all run even if one fails, and the failures are collected',
    broken: { file: 'packages/core/src/dispatch.ts', from: 'failures.push(failure);', to: 'return [failure];' },
  },
  {
    says: '`webhook.secret` never reaches a handler.',
    document: 'packages/core/README.md',
    file: 'packages/core/test/parse.test.ts',
    test: 'is acknowledged and offered to onUnknown, with its payload as it was',
    broken: {
      file: 'packages/core/src/parse.ts',
      from: 'const { secret: _, ...webhook } = payload.webhook;',
      to: 'const webhook = payload.webhook;',
    },
  },
  {
    says: 'A documented field of another type is `undefined` on the event and listed in `drift`',
    document: 'packages/core/README.md',
    file: 'packages/core/test/parse.test.ts',
    test: 'a field of another type than documented is undefined on the event and listed, never with its value',
    broken: {
      file: 'packages/core/src/parse.ts',
      from: 'conform(payload, name, drift)',
      to: 'conform(payload, name, [])',
    },
  },
  {
    says: "`dedupe: 'change'` recognises such a retry too.",
    document: 'packages/core/README.md',
    file: 'packages/testing/test/simulator/edited-webhook.test.ts',
    test: "makes a second delivery of it by default, and a duplicate with dedupe: 'change'",
    broken: {
      file: 'packages/core/src/change-id.ts',
      from: 'event, previousValue, currentValue].map(',
      to: 'event, previousValue, currentValue, delivery.id].map(',
    },
  },
  {
    says: '`onOutcome` receives it with `duplicate: true`.',
    document: 'packages/core/README.md',
    file: 'packages/core/test/otel.test.ts',
    test: 'a recognised delivery is marked as a duplicate, and its failure and its dead letter count once',
    broken: {
      file: 'packages/core/src/attempts.ts',
      from: '{ code: undefined, duplicate: true }',
      to: '{ code: undefined }',
    },
  },
  {
    says: 'A retry that arrives while the handlers of an earlier attempt run waits for them, up to its own deadline, and is answered with their result.',
    document: 'packages/core/README.md',
    file: 'packages/testing/test/ledger/ledger.test.ts',
    test: 'a retry that arrives while the handlers run is answered with their result, also with their failure',
    broken: {
      file: 'packages/core/src/attempts.ts',
      from: 'const present = running.get(delivery.id);',
      to: 'const present = undefined as Promise<Begun> | undefined;',
    },
  },
  {
    says: '`deadLetter` is called once, however many requests fail together, in one process or in several.',
    document: 'packages/core/README.md',
    file: 'packages/testing/test/ledger/ledger.test.ts',
    test: 'calls it once for many requests that fail together',
    broken: {
      file: 'packages/core/src/hand-over.ts',
      from: 'const id = ',
      to: 'const id = Math.random() + ',
    },
  },
  {
    says: 'It can be called twice only if a call is still running after its response was sent and `leaseMs` have passed.',
    document: 'packages/core/README.md',
    file: 'packages/testing/test/ledger/schedules.test.ts',
    test: 'whatever the schedule, no delivery is handled twice at the same time, twice with success, or dead-lettered twice',
    broken: { file: 'packages/core/src/hand-over.ts', from: 'lease.letLapse();', to: 'lease.stop();' },
  },
  {
    says: 'A ledger that fails, takes longer than a second or returns a value outside its contract is reported as `LEDGER_FAILED`',
    document: 'packages/core/README.md',
    file: 'packages/testing/test/ledger/ledger.test.ts',
    test: 'costs no delivery, and is reported',
    broken: {
      file: 'packages/core/src/ledger-calls.ts',
      from: 'if (isValid(answer)) return answer;',
      to: 'if (true) return answer;',
    },
  },
  {
    says: 'it is never moved to the dead letters',
    document: 'packages/core/README.md',
    file: 'packages/testing/test/ledger/hand-over.test.ts',
    test: 'is not called for a delivery that was handled without the ledger, although its failure counts',
    broken: { file: 'packages/core/src/attempts.ts', from: '!isLast || ledgerFailed)', to: '!isLast)' },
  },
  {
    says: 'the response is sent at most 800 ms after `deadlineMs`, and before 6.9 seconds.',
    document: 'packages/core/README.md',
    file: 'packages/testing/test/ledger/one-clock.test.ts',
    test: 'the response is sent before 6.9 seconds',
    broken: {
      file: 'packages/core/src/deadline.ts',
      from: 'const ANSWER_WITHIN_MS = 6_800;',
      to: 'const ANSWER_WITHIN_MS = 9_800;',
    },
  },
  {
    says: 'An error that a handler throws after the deadline reaches `onFailure` as `HANDLER_FAILED`, with its cause.',
    document: 'packages/core/README.md',
    file: 'packages/testing/test/ledger/late-errors.test.ts',
    test: 'reports what a handler throws as soon as its signal aborts',
    broken: { file: 'packages/core/src/attempt.ts', from: 'this.#report(afterTheDeadline(failure.error));', to: '' },
  },
  {
    says: 'If they succeed afterwards, `onFailure` receives `HANDLED_AFTER_DEAD_LETTER`, and you can drop the dead letter.',
    document: 'packages/core/README.md',
    file: 'packages/testing/test/ledger/hand-over.test.ts',
    test: 'report that they succeeded while deadLetter ran, once',
    broken: {
      file: 'packages/core/src/attempt.ts',
      from: `if (this.#result === 'succeeded') this.#report(new WebhookError('HANDLED_AFTER_DEAD_LETTER'));`,
      to: '',
    },
  },
];
