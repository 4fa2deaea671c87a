import type { DocumentedPromise } from './documented-promise';

export const inbox: readonly DocumentedPromise[] = [
  {
    says: '**A forged delivery never reaches the store.**',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/inbox-contract.test.ts',
    contract: 'packages/inbox/src/contract/receiving.ts',
    test: 'returns 401 for a forged delivery, and never stores it',
    broken: {
      file: 'packages/inbox/src/intake.ts',
      from: 'code: error.code, durationMs',
      to: 'code: undefined, durationMs',
    },
  },
  {
    says: '**204 means durable.** The write is flushed (write-ahead log, `synchronous=FULL`)',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/shared-handle.test.ts',
    test: 'are durable while the inbox commits, whatever the application has set',
    broken: {
      file: 'packages/inbox/src/sqlite/transactions.ts',
      from: `{ pragma: 'synchronous', value: 2,`,
      to: `{ pragma: 'synchronous', value: 1,`,
    },
  },
  {
    says: 'the inbox answers 503 within 6.5 seconds, and Blue sends the delivery again.',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/store-failures.test.ts',
    test: 'is answered 503 before Blue times out, and reported once',
    broken: {
      file: 'packages/inbox/src/intake.ts',
      from: 'const ANSWER_WITHIN_MS = 6_500;',
      to: 'const ANSWER_WITHIN_MS = 60_000;',
    },
  },
  {
    says: '**Duplicates are answered 204 and not handled again**',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/inbox-contract.test.ts',
    contract: 'packages/inbox/src/contract/receiving.ts',
    test: 'returns 204 for a duplicate and handles the delivery once, also when it is done',
    broken: {
      file: 'packages/inbox/src/new-delivery.ts',
      from: '    ...facts,\n',
      to: '    ...facts,\n    id: String(Math.random()),\n',
    },
  },
  {
    says: '**Health checks** are not stored, but are answered 503 if the store is not writable',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/sqlite-store.test.ts',
    test: 'returns 503 for a delivery and a health check, and 204 once it is unlocked; stored deliveries are there',
    broken: {
      file: 'packages/inbox/src/intake.ts',
      from: `      await intake.probe();
`,
      to: '',
    },
  },
  {
    says: 'A handler that has succeeded is not run again for the delivery, also when another handler of the event fails',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/inbox-contract.test.ts',
    contract: 'packages/inbox/src/contract/handlers.ts',
    test: 'runs no handler again that has succeeded when another of its event fails',
    broken: { file: 'packages/inbox/src/attempt.ts', from: 'skip: delivery.handled,', to: 'skip: [],' },
  },
  {
    says: 'Deliveries of one record, comment, list … are handled one after the other in order of arrival.',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/inbox-contract.test.ts',
    contract: 'packages/inbox/src/contract/ordering.ts',
    test: 'handles deliveries of one entity in order of arrival, and those of others concurrently',
    broken: {
      file: 'packages/inbox/src/new-delivery.ts',
      from: 'lane: ordered ? facts.entityId : undefined',
      to: 'lane: undefined',
    },
  },
  {
    says: 'Handlers do not see the `AsyncLocalStorage` of the request that stored their delivery, nor that of `start`.',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/inbox-contract.test.ts',
    contract: 'packages/inbox/src/contract/contexts.ts',
    test: 'runs the handlers of first attempts, retries and replays outside the async context of every caller',
    broken: {
      file: 'packages/inbox/src/neutral-context.ts',
      from: 'AsyncResource.bind(<T>(work: () => T) => work());',
      to: '<T>(work: () => T) => AsyncResource && work();',
    },
  },
  {
    says: 'Attempts are counted when they begin, so that a delivery that kills its process becomes a dead letter, too.',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/inbox.test.ts',
    test: 'a delivery whose process ended during its last attempt is a dead letter, and is not run again',
    broken: {
      file: 'packages/inbox/src/attempt.ts',
      from: 'if (attempts > retry.maxAttempts) throw',
      to: 'if (false) throw',
    },
  },
  {
    says: 'Starts and stops are serialised: a start during a stop begins after it.',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/lifecycle.test.ts',
    test: 'a start during a stop begins when the stop has ended, and handles what was left',
    broken: {
      file: 'packages/inbox/src/lifecycle.ts',
      from: 'const result = before.then(step);',
      to: 'const result = step();',
    },
  },
  {
    says: 'An argument of another type is a `TypeError`, in every function.',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/inbox-contract.test.ts',
    contract: 'packages/inbox/src/contract/arguments.ts',
    test: 'rejects every argument of another type with a TypeError, in every function',
    broken: {
      file: 'packages/inbox/src/queries.ts',
      from: `if (typeof value === 'string') return value;`,
      to: 'return value as string;',
    },
  },
  {
    says: 'It is readable for its owner only, with its `-wal` and `-shm`.',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/privacy.test.ts',
    test: 'a new file, its log and its shared memory are readable for their owner only, whatever the umask',
    broken: {
      file: 'packages/inbox/src/sqlite/privacy.ts',
      from: 'const PRIVATE = 0o600;',
      to: 'const PRIVATE = 0o644;',
    },
  },
  {
    says: `The name and the message of a handler's error are stored, up to 1,000 characters, without quotations of the body.`,
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/error-text.test.ts',
    test: 'does not quote a body that was signed with escapes, read and written again',
    broken: {
      file: 'packages/inbox/src/error-text.ts',
      from: 'const redacted = withoutQuotations(text, rawBody);',
      to: 'const redacted = text;',
    },
  },
  {
    says: `without the driver's arguments, in \`onEvent\` and from every function.`,
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/store-failures.test.ts',
    test: 'of a store fails, in hooks and in what is thrown',
    broken: {
      file: 'packages/inbox/src/checked-store.ts',
      from: 'isArgumentError(error) ? error : DriverError.from(error)',
      to: 'isArgumentError(error) ? error : error',
    },
  },
  {
    says: 'The two are committed together or not at all, so that neither a crash nor a retry repeats the write:',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/transaction.test.ts',
    test: 'has each effect once when other handlers of the event fail, in whatever order they run',
    broken: {
      file: 'packages/inbox/src/sqlite/transaction.ts',
      from: 'if (!addHandled(connection, seq, lease.token, handled))',
      to: 'if (!addHandled(connection, seq, lease.token, []))',
    },
  },
  {
    says: 'An error rolls back and is retried, as in every handler.',
    document: 'packages/inbox/README.md',
    file: 'packages/inbox/test/transaction.test.ts',
    test: 'rolls back what a handler wrote before it failed, and retries',
    broken: {
      file: 'packages/inbox/src/sqlite/file-connection.ts',
      from: `if (!work()) this.run('ROLLBACK TO blue_undoable');`,
      to: 'work();',
    },
  },
];
