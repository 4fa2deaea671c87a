import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorker } from '../../queue/test/services/cloudflare';
import { inboxContract, storeContract } from '../src/store-contract';

/** The AsyncLocalStorage of workerd has no `enterWith`: a handler cannot enter anything. */
const needsEnterWith = 'keeps what a handler enters into its async context from all other attempts';

const inboxCases = inboxContract
  .map(({ title }, place) => ({ title, place }))
  .filter(({ title }) => title !== needsEnterWith);

let url = '';

let stop = async () => {};

beforeAll(async () => {
  const worker = {
    entry: fileURLToPath(new URL('durable-object/contract-worker.ts', import.meta.url)),
    bindings: {},
    objects: { CASES: { className: 'ContractCases' } },
    flags: ['nodejs_compat'],
  };
  const running = await startWorker(worker, (dispose) => {
    stop = dispose;
  });
  url = running.url;
});
afterAll(() => stop());

describe.concurrent('the store contract on durableObjectStore, in workerd', () => {
  test.each(storeContract.map(({ title }, place) => ({ title, place })))('$title', async ({ place }) => {
    expect(await (await fetch(new URL(`/store/${place}`, url))).text()).toBe('passed');
  });
});

describe.concurrent('the inbox contract on durableObjectInbox, in workerd', () => {
  test.each(inboxCases)('$title', async ({ place }) => {
    expect(await (await fetch(new URL(`/inbox/${place}`, url))).text()).toBe('passed');
  });
});
