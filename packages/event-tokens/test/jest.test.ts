import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const packages = resolve(import.meta.dirname, '../..');
const dist = join(packages, 'event-tokens/dist');
const built = existsSync(join(dist, 'index.cjs')) && existsSync(join(packages, 'core/dist/index.cjs'));

/** What users write in a project without any configuration for ES modules. */
const suite = `
const { createServer } = require('node:http');
const { generateKeyPairSync } = require('node:crypto');
const { sign, verify } = require('@blue-webhooks/core');
const { createEventTokenIssuer, EventTokenError, receiveEventTokens, serveKeys, verifyEventToken } = require('@blue-webhooks/event-tokens');

const pairs = {
  EdDSA: generateKeyPairSync('ed25519'),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

async function deliver() {
  const body = JSON.stringify({ event: 'TAG_CREATED', currentValue: { id: '1', title: 'T' } });
  return verify({ body, signature: await sign(body, 's'), secret: 's' });
}

test.each(Object.keys(pairs))('%s', async (alg) => {
  const key = pairs[alg].privateKey.export({ type: 'pkcs8', format: 'pem' });
  const tokens = createEventTokenIssuer({ issuer: 'i', audience: 'a', key });
  const token = await tokens.issue(await deliver());
  const server = createServer((request, response) => serveKeys(tokens).node(request, response));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const options = { issuer: 'i', audience: 'a', keys: new URL('http://127.0.0.1:' + server.address().port) };
  try {
    expect((await verifyEventToken(token, options)).event.event).toBe('TAG_CREATED');
  } finally {
    server.close();
    server.closeAllConnections();
  }
  const changed = (at) => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
  const codes = [];
  const attempts = [
    [changed(token.length - 10), {}],
    [token, { issuer: 'j' }],
    [token, { audience: 'b' }],
    [token, { keys: pairs[alg === 'ES256' ? 'EdDSA' : 'ES256'].publicKey.export({ format: 'jwk' }) }],
    [token.slice(1), {}],
  ];
  for (const [text, more] of attempts) {
    await verifyEventToken(text, { ...options, keys: await tokens.jwks(), ...more }).catch((error) => {
      if (!EventTokenError.is(error)) throw error;
      codes.push(error.code);
    });
  }
  expect(codes).toEqual(['TOKEN_SIGNATURE', 'TOKEN_ISSUER', 'TOKEN_AUDIENCE', 'TOKEN_KEY', 'TOKEN_MALFORMED']);
  const request = new Request('https://a.example', {
    method: 'POST',
    headers: { 'content-type': 'application/secevent+jwt' },
    body: token,
  });
  const recipient = receiveEventTokens({ ...options, keys: await tokens.jwks() }, () => {});
  expect((await recipient.fetch(request)).status).toBe(202);
});
`;

/** Node's environment with bytes and errors of the sandbox's own realm, as jsdom has them beside a platform of Node's. */
const otherRealm = `
const { TestEnvironment } = require('jest-environment-node');
const { runInContext } = require('node:vm');
module.exports = class extends TestEnvironment {
  constructor(...options) {
    super(...options);
    for (const name of ['Uint8Array', 'ArrayBuffer', 'TypeError']) this.global[name] = runInContext(name, this.context);
  }
};
`;

/** A project outside this workspace, with the built packages installed. */
function createProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'event-tokens-jest-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@blue-webhooks'), { recursive: true });
  for (const name of ['core', 'event-tokens']) {
    symlinkSync(join(packages, name), join(modules, '@blue-webhooks', name));
  }
  const jest = createRequire(require.resolve('jest'));
  const environment = createRequire(jest.resolve('jest-cli')).resolve('jest-config');
  const node = createRequire(environment).resolve('jest-environment-node');
  symlinkSync(dirname(dirname(node)), join(modules, 'jest-environment-node'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  writeFileSync(join(folder, 'tokens.test.js'), suite);
  writeFileSync(join(folder, 'other-realm.js'), otherRealm);
  return folder;
}

test.skipIf(!built).each(['node', './other-realm.js'])(
  'CommonJS Jest loads the built package and gets every verdict right in the environment %s',
  { timeout: 120_000 },
  async (environment) => {
    const jest = join(dirname(require.resolve('jest/package.json')), 'bin/jest.js');
    const options = { cwd: createProject(), env: { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '0' } };
    const { stderr } = await run(process.execPath, [jest, `--env=${environment}`, '--ci'], options);
    expect(stderr).toContain('Tests:       3 passed, 3 total');
  },
);

test.skipIf(!built)('the CommonJS file contains jose with its licence, the ES module imports it', () => {
  expect(readFileSync(join(dist, 'index.cjs'), 'utf8')).not.toContain('require("jose');
  expect(readFileSync(join(dist, 'index.js'), 'utf8')).toContain('from "jose"');
  const licence = readFileSync(require.resolve('jose/package.json').replace('package.json', 'LICENSE.md'), 'utf8');
  expect(readFileSync(join(dist, 'jose.notice.md'), 'utf8')).toBe(licence);
  for (const types of ['index.d.ts', 'index.d.cts']) {
    expect(readFileSync(join(dist, types), 'utf8')).not.toContain('jose');
  }
});
