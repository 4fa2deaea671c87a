import type { DocumentedPromise } from './documented-promise';

const document = 'docs/operations/personal-data.md';

export const privacy: readonly DocumentedPromise[] = [
  {
    says: 'Bodies and the errors of handlers are stored as JWEs (`dir`, A256GCM)',
    document,
    file: 'packages/inbox/test/encryption.test.ts',
    test: 'contains no title, neither in its log nor in its shared memory, whatever became of the deliveries',
    broken: {
      file: 'packages/inbox/src/encryption/encrypted-store.ts',
      from: 'return store.settle(original(one), { ...settlement, error });',
      to: 'return store.settle(original(one), settlement);',
    },
  },
  {
    says: 'each bound to its delivery.',
    document,
    file: 'packages/inbox/test/encryption.test.ts',
    test: 'is refused if ',
    broken: {
      file: 'packages/inbox/src/encryption/cipher.ts',
      from: 'if (protectedHeader !== header(key.id, place)) throw',
      to: 'if (place === undefined) throw',
    },
  },
  {
    says: 'where it would be a plain hash',
    document,
    file: 'packages/inbox/test/inbox-contract.test.ts',
    contract: 'packages/inbox/src/contract/encrypting.ts',
    test: 'keys the digests of unsigned deliveries and of changes, and recognises their duplicates',
    broken: {
      file: 'packages/inbox/src/intake.ts',
      from: `if (byChange || delivery.signature !== 'verified')`,
      to: 'if (false)',
    },
  },
  {
    says: 'No handler runs, no attempt is counted, and the delivery is tried again every minute.',
    document,
    file: 'packages/inbox/test/inbox-contract.test.ts',
    contract: 'packages/inbox/src/contract/encrypting.ts',
    test: 'leaves a delivery whose key is missing or wrong where it is, reports it, and handles it once the key is there',
    broken: {
      file: 'packages/inbox/src/encryption/encrypted-store.ts',
      from: `{ type: 'postponed', until }).catch`,
      to: `{ type: 'dead', error: '' }).catch`,
    },
  },
  {
    says: 'nothing is left in the file, its `-wal` and `-shm`.',
    document,
    file: 'packages/inbox/test/erase.test.ts',
    test: 'no byte of an erased entity is left in the file, its log and its shared memory',
    broken: {
      file: 'packages/inbox/src/sqlite/transactions.ts',
      from: `{ pragma: 'secure_delete', value: 1,`,
      to: `{ pragma: 'secure_delete', value: 0,`,
    },
  },
  {
    says: '`NOT_ERASED` if another connection keeps the log in use: call it again',
    document,
    file: 'packages/inbox/test/erase.test.ts',
    test: 'while another connection reads an earlier state, what was erased is reported as left in the log, and can be erased again',
    broken: {
      file: 'packages/inbox/src/sqlite/erasing.ts',
      from: 'if (await connection.emptyLog()) return',
      to: 'if ((await connection.emptyLog()) || true) return',
    },
  },
  {
    says: 'Ids are kept for `dedupeMs`, so that a retry of an erased delivery is not stored.',
    document,
    file: 'packages/inbox/test/inbox-contract.test.ts',
    contract: 'packages/inbox/src/contract/erasing.ts',
    test: 'erases the deliveries about an entity that are done, dead or retried, and stores no duplicate of them',
    broken: {
      file: 'packages/inbox/src/sqlite/erasing.ts',
      from: `connection.run('INSERT INTO blue_digests VALUES (?, ?) ON CONFLICT DO NOTHING', id, received_at);`,
      to: 'void [id, received_at];',
    },
  },
  {
    says: 'and its result discarded',
    document,
    file: 'packages/inbox/test/erase.test.ts',
    test: 'the signal of a running handler aborts when its delivery is erased, and a transaction of it is rolled back',
    broken: {
      file: 'packages/inbox/src/inbox.ts',
      from: 'createErase(store, () => worker?.renew())',
      to: 'createErase(store)',
    },
  },
];
