import { fileURLToPath } from 'node:url';
import { compactDecrypt } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { serveWorker } from '../../../tools/workerd';
import { moved, signed } from './endpoint';

test('encrypts, decrypts and erases on workerd', { timeout: 30_000 }, async () => {
  const { url, close } = await serveWorker({
    entry: fileURLToPath(new URL('./worker/worker.ts', import.meta.url)),
    flags: ['nodejs_compat'],
    conditions: ['@blue-webhooks/source'],
  });
  onTestFinished(close);
  const { body: bytes, headers } = await signed(moved('record', { title: 'Zoë 😀' }));
  const body = new TextDecoder().decode(bytes);
  const response = await fetch(url, { method: 'POST', body, headers: { ...headers } });
  const { stored, ...rest } = (await response.json()) as { stored: string };
  expect(rest).toMatchObject({ status: 204, read: body, refused: 'NOT_DECRYPTED', erased: { erased: 1, active: 0 } });
  const { plaintext } = await compactDecrypt(stored, new Uint8Array(32).fill(1));
  expect(new TextDecoder().decode(plaintext)).toBe(body);
});
