import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createReceiver } from '../src/index';

test('a hundred thousand forged deliveries leave memory where it was', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const receiver = createReceiver({ secret: 'a secret' }).on('TODO_CREATED', () => {});
  const body = new TextEncoder().encode('{"event":"TODO_CREATED","currentValue":{"id":"1","title":"T"}}');
  const header = (name: string) => (name === 'x-signature' ? 'f'.repeat(64) : undefined);
  const forged = { method: 'POST', header, body };
  const flood = async (count: number) => {
    for (let i = 0; i < count; i++) await receiver.handle(forged);
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await flood(5_000);
  expect((await flood(100_000)) - before).toBeLessThan(2_000_000);
}, 120_000);
