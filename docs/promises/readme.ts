import type { DocumentedPromise } from './documented-promise';

export const readme: readonly DocumentedPromise[] = [
  {
    says: 'The HMAC-SHA256 signature is checked over the raw body (the bytes as they arrived) in constant time, before anything is parsed.',
    document: 'README.md',
    file: 'packages/core/test/verify.test.ts',
    test: 'a single bit flipped, in the body or in the signature, is a forgery',
    broken: {
      file: 'packages/core/src/signature.ts',
      from: 'hmac.equal(macs[place] as string, signature)',
      to: 'hmac.equal((macs[place] as string).slice(0, 60), signature.slice(0, 60))',
    },
  },
  {
    says: 'A field whose type differs from the documentation never fails a delivery.',
    document: 'README.md',
    file: 'packages/core/test/parse.test.ts',
    test: 'a field of another type than documented is undefined on the event and listed, never with its value',
    broken: {
      file: 'packages/core/src/parse.ts',
      from: '  if (!conform(payload, name, drift)) {',
      to: '  if (!conform(payload, name, drift) || drift.length > 0) {',
    },
  },
  {
    says: '| a handler threw `UnrecoverableError`: a retry cannot help | 204, and `onFailure` is called |',
    document: 'README.md',
    file: 'packages/core/test/receiver.test.ts',
    test: 'UnrecoverableError acknowledges only if nothing else can still succeed',
    broken: { file: 'packages/core/src/handler-failure.ts', from: 'thrown.every(UnrecoverableError.is)', to: 'false' },
  },
  {
    says: '| a handler threw another error | 500; Blue retries |',
    document: 'README.md',
    file: 'packages/core/test/receiver.test.ts',
    test: 'has failed, and nothing else happens',
    broken: {
      file: 'packages/core/src/handler-failure.ts',
      from: 'final: thrown.every(UnrecoverableError.is)',
      to: 'final: true',
    },
  },
  {
    says: 'handlers still run after 6 seconds; their `signal` aborts',
    document: 'README.md',
    file: 'packages/core/test/receiver.test.ts',
    test: 'aborts the signal, answers 503, starts no further handler, and a late rejection harms nobody',
    broken: {
      file: 'packages/core/src/deadline.ts',
      from: `    this.#controller?.abort(new DOMException('The deadline has passed.', 'TimeoutError'));
`,
      to: '',
    },
  },
  {
    says: '401, always with the same body',
    document: 'README.md',
    file: 'packages/core/test/receiver.test.ts',
    test: 'every forgery is answered 401 with the same body',
    broken: {
      file: 'packages/core/src/errors.ts',
      from: `  SIGNATURE_MALFORMED: {
    status: 401,
    answer: SIGNATURE_INVALID,`,
      to: `  SIGNATURE_MALFORMED: {
    status: 401,`,
    },
  },
  {
    says: 'the body is too large, too slow, incomplete, compressed or not a JSON object',
    document: 'README.md',
    file: 'packages/core/test/receiver.test.ts',
    test: 'pieces are joined in order, up to exactly the limit',
    broken: {
      file: 'packages/core/src/read.ts',
      from: 'pieces.size + chunk.byteLength > maxBodyBytes',
      to: 'pieces.size + chunk.byteLength > maxBodyBytes + 1',
    },
  },
  {
    says: 'nothing is parsed before that, and nothing is serialised again',
    document: 'README.md',
    file: 'packages/core/test/parse.test.ts',
    test: 'the published delivery of 2022 is a typed event that has lost nothing',
    broken: {
      file: 'packages/core/src/parse.ts',
      from: 'return { event: payload as unknown as BlueEvent, drift, rawBody };',
      to: 'return { event: payload as unknown as BlueEvent, drift, rawBody: JSON.stringify(payload) };',
    },
  },
  {
    says: 'Several secrets are accepted, so that a webhook can be replaced without a gap; `delivery.secretId` says which one matched.',
    document: 'README.md',
    file: 'packages/core/test/secrets.test.ts',
    test: 'several secrets are accepted at the same time, and the delivery says which one matched',
    broken: { file: 'packages/core/src/authenticate.ts', from: 'secretId: signer.id', to: `secretId: '0'` },
  },
  {
    says: '`delivery.id` is the same on every retry, as long as nobody edits the webhook in between.',
    document: 'README.md',
    file: 'packages/core/test/receiver.test.ts',
    test: 'the same delivery has the same id each time, and another body another',
    broken: {
      file: 'packages/core/src/authenticate.ts',
      from: 'id: id.slice(0, 32)',
      to: 'id: globalThis.crypto.randomUUID()',
    },
  },
  {
    says: 'With a `ledger` a duplicate is handled once',
    document: 'README.md',
    file: 'packages/testing/test/ledger/ledger.test.ts',
    test: 'three sends past the deadline run a slow handler once; the send after its end is answered 204',
    broken: {
      file: 'packages/core/src/memory-ledger.ts',
      from: `      if (entry && entry.state !== 'open') return { state: 'done' };
`,
      to: '',
    },
  },
  {
    says: 'is moved to your dead letters at its 4th failure, before the 5th disables the webhook',
    document: 'README.md',
    file: 'packages/testing/test/ledger/ledger.test.ts',
    test: 'is passed to deadLetter at its 4th failure and acknowledged; other events are delivered',
    broken: {
      file: 'packages/core/src/attempts.ts',
      from: 'const LAST_SPARE_FAILURE = 4;',
      to: 'const LAST_SPARE_FAILURE = 5;',
    },
  },
  {
    says: 'The library never logs.',
    document: 'README.md',
    file: 'docs/test/promises.test.ts',
    test: 'no package but the two commands writes to the console',
    broken: {
      file: 'packages/core/src/outcome.ts',
      from: 'export function toOutcome(',
      to: `console.log('answered');
export function toOutcome(`,
    },
  },
  {
    says: '`onFailure`, `onOutcome` and `onDrift` report what happened, without secrets, signatures or bodies.',
    document: 'README.md',
    file: 'packages/core/test/receiver.test.ts',
    test: 'what they receive holds no secret, no signature and nothing of the body',
    broken: {
      file: 'packages/core/src/authenticate.ts',
      from: `hint === undefined ? signatureMismatch : new Refusal('SIGNATURE_MISMATCH', hint)`,
      to: `new Refusal('SIGNATURE_MISMATCH', signature)`,
    },
  },
];
