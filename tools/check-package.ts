/** Tests what is published: packs every package, lints the tarballs, installs them elsewhere, and uses them from there. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'blue-webhooks-'));
const run = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

const esm = `
import { createRequire } from 'node:module';
import { createReceiver, verify, WebhookError } from '@blue-webhooks/core';
import { sign, verifySignature } from '@blue-webhooks/core/verify';
import { blueWebhook } from '@blue-webhooks/express';
import { blueWebhook as lambda } from '@blue-webhooks/aws-lambda';
import { blueWebhook as hono } from '@blue-webhooks/hono';
import { samples, sampleSecret as secret } from '@blue-webhooks/testing';
import { adapterContract } from '@blue-webhooks/testing/adapter-contract';
const required = createRequire(import.meta.url)('@blue-webhooks/core');
const check = (holds, claim) => { if (!holds) throw new Error(claim); };
for (const { body, signature, event } of Object.values(samples)) {
  for (const copy of [verify, required.verify]) {
    check((await copy({ body, signature, secret })).event.event === event, 'a published delivery is typed');
    const error = await copy({ body: body + ' ', signature, secret }).catch((thrown) => thrown);
    check(WebhookError.is(error) && required.WebhookError.is(error), 'both copies recognise the other\\'s error');
    check(error.code === 'SIGNATURE_MISMATCH', 'a forgery is refused');
  }
  check(await verifySignature({ body, signature, secret }) && await sign(body, secret) === signature, 'the verify subpath agrees');
}
check(required.WebhookError !== WebhookError, 'these are two copies');
for (const adapter of [blueWebhook, lambda, hono]) check(typeof adapter(createReceiver({ secret })) === 'function', 'adapters load');
check(adapterContract.length > 30, 'the contract loads');
`;
const cjs = `
const { createReceiver } = require('@blue-webhooks/core');
for (const name of ['express', 'hono', 'aws-lambda']) require('@blue-webhooks/' + name).blueWebhook(createReceiver({ secret: 'x' }));
require('@blue-webhooks/core/verify').sign('', 'x');
require('@blue-webhooks/testing/adapter-contract');
`;

try {
  const tarballs = join(scratch, 'tarballs');
  const user = join(scratch, 'user');
  mkdirSync(tarballs);
  mkdirSync(user);
  for (const name of readdirSync(join(root, 'packages'))) {
    const folder = join(root, 'packages', name);
    run('pnpm', ['pack', '--pack-destination', tarballs], folder);
    run('publint', ['run', '--strict', '--pack', 'false', folder], root);
  }
  const files = readdirSync(tarballs).map((file) => join(tarballs, file));
  for (const file of files) {
    const listed = run('tar', ['-tzf', file], root).split('\n');
    if (listed.some((path) => /\/(test|node_modules)\//.test(path)))
      throw new Error(`${file} holds more than it should.`);
    // The older node10 resolution does not know subpaths; every resolution that does must be right.
    run('attw', [file, '--profile', 'node16', '--no-emoji', '--format', 'ascii'], root);
  }
  writeFileSync(join(user, 'package.json'), '{ "private": true }');
  run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--loglevel=error', ...files, 'hono@4.13.19', 'express@5.3.0'],
    user,
  );
  writeFileSync(join(user, 'esm.mjs'), esm);
  writeFileSync(join(user, 'cjs.cjs'), cjs);
  run(process.execPath, ['esm.mjs'], user);
  run(process.execPath, ['--conditions=browser', 'esm.mjs'], user); // the Web Crypto build
  run(process.execPath, ['cjs.cjs'], user);
  console.log(
    `${files.length} packages are packed right, install elsewhere, and work as ESM, as CommonJS and on Web Crypto.`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
