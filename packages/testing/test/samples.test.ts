import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sampleSecret, samples } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../samples/', import.meta.url));
const bodies = Object.values(samples).map((sample) => sample.body);

test('every sample is the published file, byte for byte', () => {
  const files = readdirSync(folder).map((name) => readFileSync(folder + name, 'utf8'));
  expect(files.sort()).toEqual([...bodies].sort());
});

test.each(Object.entries(samples))(
  'the signature of %s is the one that openssl gives',
  (_name, { body, signature }) => {
    const printed = execFileSync('openssl', ['dgst', '-sha256', '-hmac', sampleSecret], {
      input: body,
      encoding: 'utf8',
    });
    expect(printed.trim().split(' ').at(-1)).toBe(signature);
  },
);
