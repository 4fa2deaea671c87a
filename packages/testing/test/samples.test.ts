import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sampleSecret, samples } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
import { opensslHmacs } from './openssl';

const folder = fileURLToPath(new URL('../samples/', import.meta.url));
const bodies = Object.values(samples).map((sample) => sample.body);

test('every sample is the published file, byte for byte', () => {
  const files = readdirSync(folder).map((name) => readFileSync(folder + name, 'utf8'));
  expect(files.sort()).toEqual([...bodies].sort());
});

test('the signatures are those that openssl computes', () => {
  const signatures = Object.values(samples).map((sample) => sample.signature);
  expect(opensslHmacs(bodies, sampleSecret)).toEqual(signatures);
});
