import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { safeVerify, verifySignature } from '@blue-webhooks/core';
import { describe, expect, test } from 'vitest';
import { vectorsFile } from '../vectors/file';
import type { Vector } from '../vectors/vector';
import { opensslMacs } from './openssl';

const path = resolve(import.meta.dirname, '../vectors/vectors.json');
const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { vectors: Vector[] };
const bytesOf = ({ secretHex, bodyBase64 }: Vector) => ({
  secret: Uint8Array.from(Buffer.from(secretHex, 'hex')),
  body: Uint8Array.from(Buffer.from(bodyBase64, 'base64')),
});

test('vectors.json is the output of its generator', () => {
  expect(readFileSync(path, 'utf8')).toBe(vectorsFile());
});

test('there are more than 200 vectors, each with a unique name, genuine and forged', () => {
  expect(vectors.length).toBeGreaterThan(200);
  expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  expect(vectors.filter(({ genuine }) => genuine).length).toBeGreaterThan(90);
  expect(vectors.filter(({ genuine }) => !genuine).length).toBeGreaterThan(90);
});

test.each(vectors)('core agrees: $name', async (vector) => {
  const { signatures: signature, genuine, code, event } = vector;
  expect(await verifySignature({ ...bytesOf(vector), signature })).toBe(genuine);
  const result = await safeVerify({ ...bytesOf(vector), signature });
  const { event: typed } = result.ok ? result.delivery : { event: undefined };
  expect({
    code: result.ok ? null : result.error.code,
    event: typed ? (typed.event === 'UNKNOWN' ? typed.name : typed.event) : null,
  }).toEqual({ code, event });
});

test('openssl computes the signature of every genuine vector, and of no forged one', { timeout: 60_000 }, () => {
  for (const secretHex of new Set(vectors.map((vector) => vector.secretHex))) {
    const ofSecret = vectors.filter((vector) => vector.secretHex === secretHex);
    const macs = opensslMacs(
      ofSecret.map((vector) => bytesOf(vector).body),
      secretHex,
    );
    for (const [place, { name, signatures, genuine }] of ofSecret.entries()) {
      expect(signatures.length === 1 && signatures[0] === macs[place], name).toBe(genuine);
    }
  }
});

const languages = {
  Python: ['python3', 'verify.py'],
  Go: ['go', 'run', 'verify.go'],
  PHP: ['php', 'verify.php'],
  Ruby: ['ruby', 'verify.rb'],
} as const;
const isInstalled = (command: string) => spawnSync(command, [command === 'go' ? 'version' : '--version']).status === 0;

describe('the verifiers of examples/other-languages', () => {
  for (const [language, [command, ...rest]] of Object.entries(languages)) {
    test.skipIf(!isInstalled(command))(`${language} agrees on every vector`, { timeout: 120_000 }, () => {
      const cwd = resolve(import.meta.dirname, '../../../examples/other-languages');
      const { stdout, status } = spawnSync(command, [...rest, path], { cwd, encoding: 'utf8' });
      expect({ stdout, status }).toEqual({ stdout: `${vectors.length} vectors, 0 wrong\n`, status: 0 });
    });
  }
});
