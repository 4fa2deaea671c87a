import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createReceiver } from '@blue-webhooks/core';
import { scenario } from '@blue-webhooks/testing';
import { afterEach, expect, test } from 'vitest';
import { expectNothingSecret, printed, secret, startBlue, startInbox, tokenSecret } from './blue-api';
import { scratchFile, scratchFolder } from './files';
import { run } from './run';

afterEach(expectNothingSecret);

test('webhook list and status print the state, and exit with 1 unless it is healthy', async () => {
  const { blue, blueWebhooks } = await startBlue();
  const { id } = blue.webhook;
  expect((await blueWebhooks('webhook list')).out).toMatch(new RegExp(`^ID .*\n${id} +enabled \\(HEALTHY\\)`));
  expect(JSON.parse((await blueWebhooks('webhook list --json')).out)).toMatchObject([{ id, enabled: true }]);
  expect(await blueWebhooks(`webhook status ${id}`)).toMatchObject({ code: 0, err: '' });
  blue.disable();
  const off = await blueWebhooks(`webhook status ${id}`);
  expect(off).toMatchObject({ code: 1, out: expect.stringMatching(/^state +off\n/) });
  expect(JSON.parse((await blueWebhooks('webhook status nowhere --json')).out)).toMatchObject({ state: 'gone' });
});

test('webhook ensure creates one webhook, and writes its secret to a file that only its owner can read', async () => {
  const { blue, url, blueWebhooks, mutations } = await startBlue();
  const file = join(scratchFolder(), 'blue.secret');
  const ensure = `webhook ensure --url ${url}/mirror --name mirror --events TODO_MOVED --save-secret ${file}`;
  expect((await blueWebhooks(ensure)).out).toContain(' created, enabled');
  expect(blue.api.webhooks).toHaveLength(2);
  const saved = readFileSync(file, 'utf8').trim();
  expect(saved).not.toBe('');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const before = mutations();
  expect((await blueWebhooks(ensure)).out).toContain(' unchanged, ');
  expect(mutations()).toBe(before);
  const refused = await blueWebhooks(`${ensure} --replace`);
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(mutations()).toBe(before);
  expect(printed.join('\n')).not.toContain(saved);
});

test('webhook status finds that the creator has left a workspace of the webhook', async () => {
  const { blue, url, blueWebhooks } = await startBlue();
  await blue.play(scenario({ seed: 4, records: 1 }));
  const [{ projectId }] = blue.api.rows('list') as [{ projectId: string }];
  const file = join(scratchFolder(), 'blue.secret');
  await blueWebhooks(`webhook ensure --url ${url}/mirror --name mirror --projects ${projectId} --save-secret ${file}`);
  const id = blue.api.webhooks.at(-1)?.id;
  expect(await blueWebhooks(`webhook status ${id}`)).toMatchObject({ code: 0 });
  blue.api.removeMember(projectId);
  const left = await blueWebhooks(`webhook status ${id}`);
  expect(left).toMatchObject({ code: 1, out: expect.stringMatching(/^state +not-member\n/) });
  expect(left.out).toContain(projectId);
});

test('webhook ensure deletes the new webhook if its secret cannot be written', async () => {
  const { blue, url, blueWebhooks } = await startBlue();
  const file = scratchFile('a secret that is in use');
  const ran = await blueWebhooks(`webhook ensure --url ${url}/mirror --name mirror --save-secret ${file}`);
  expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringContaining('deleted again') });
  expect(blue.api.webhooks).toHaveLength(1);
  expect(readFileSync(file, 'utf8')).toBe('a secret that is in use');
});

test('webhook enable sends nothing while the webhook is enabled or its URL fails, and reads the result back', async () => {
  const { blue, endpoint, blueWebhooks, mutations } = await startBlue();
  const enable = `webhook enable ${blue.webhook.id}`;
  expect(await blueWebhooks(enable)).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was sent') });
  blue.disable();
  endpoint.up = false;
  expect(await blueWebhooks(enable)).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('Nothing was sent'),
  });
  expect(mutations()).toBe(0);
  endpoint.up = true;
  expect(await blueWebhooks(enable)).toMatchObject({ code: 0, out: expect.stringContaining('is enabled.') });
  expect(blue.webhook.enabled).toBe(true);
  expect(mutations()).toBe(1);
});

/** A receiver whose secrets are those of the files that exist. */
const reading = (...files: string[]) =>
  createReceiver({
    secret: () =>
      [secret, ...files.filter(existsSync).map((file) => readFileSync(file, 'utf8').trim())].filter(Boolean),
  });

test('webhook rotate deletes the old webhook once the inbox has a delivery of the new one', async () => {
  const started = await startBlue();
  const { blue, blueWebhooks } = started;
  const file = join(scratchFolder(), 'new.secret');
  const db = await startInbox(started, reading(file));
  await blue.emit('TODO_MOVED');
  const old = blue.webhook.id;
  const rotating = blueWebhooks(`webhook rotate ${old} --save-secret ${file} --db ${db} --timeout 60`);
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8').trim() !== '', { timeout: 20_000 }).toBe(true);
  await blue.emit('TAG_CREATED');
  const { code, out, err } = await rotating;
  expect(code).toBe(0);
  expect(out).toContain(`replaces ${old}`);
  expect(err).toContain('keep the old one');
  expect(blue.api.webhooks).toHaveLength(1);
  expect(blue.api.webhooks[0]?.id).not.toBe(old);
});

test('webhook rotate leaves both webhooks without a delivery of the new one', async () => {
  const started = await startBlue();
  const { blue, blueWebhooks } = started;
  const db = await startInbox(started);
  await blue.emit('TODO_MOVED');
  const file = join(scratchFolder(), 'new.secret');
  const rotate = `webhook rotate ${blue.webhook.id} --db ${db} --timeout 1`;
  expect(await blueWebhooks(rotate)).toMatchObject({ code: 2, err: expect.stringContaining('--save-secret') });
  const ran = await blueWebhooks(`${rotate} --save-secret ${file}`);
  expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('Both webhooks exist') });
  expect(blue.api.webhooks).toHaveLength(2);
  expect(readFileSync(file, 'utf8').trim()).not.toBe('');
});

test('reads the token from a file, and never prints it', async () => {
  const { env, blueWebhooks } = await startBlue();
  const { BLUE_API_URL } = env;
  const content = `# the token\nexport BLUE_TOKEN_ID=token-1\r\nBLUE_TOKEN_SECRET="${tokenSecret}"\nBLUE_ORG_ID='rogue'\n`;
  const file = scratchFile(content);
  expect((await blueWebhooks(`webhook list --token-file ${file}`, { env: { BLUE_API_URL } })).code).toBe(0);
  writeFileSync(file, content.replace(tokenSecret, `${tokenSecret} with blanks`));
  expect((await blueWebhooks(`webhook list --token-file ${file}`, { env: { BLUE_API_URL } })).code).toBe(2);
  writeFileSync(file, content.replace('token-1', 'token-2'));
  const refused = await blueWebhooks(`webhook list --token-file ${file}`, { env: { BLUE_API_URL } });
  expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('UNAUTHENTICATED') });
});

test.each([
  ['no token', 'webhook list', 'BLUE_TOKEN_ID, BLUE_TOKEN_SECRET, BLUE_ORG_ID are missing'],
  ['an unknown action', 'webhook lst', 'Did you mean list?'],
  ['catch-up without a target', 'catch-up --since 2h', '--db FILE'],
  ['catch-up without a time', 'catch-up --dry-run', '--since TIME'],
  ['a time to come', 'catch-up --since 2999-01-01', 'past time'],
  ['an invalid duration', 'catch-up --since 2weeks', 'past time'],
  ['watch without an ID', 'watch', 'needs an ID'],
  ['watch --recover without an inbox', 'watch w1 --recover', '--db FILE'],
  ['an endpoint without https', 'webhook list --endpoint http://example.com/', 'https'],
])('%s: prints one line and exits with 2', async (title, args, words) => {
  const token = { BLUE_TOKEN_ID: 'token-1', BLUE_TOKEN_SECRET: tokenSecret, BLUE_ORG_ID: 'rogue' };
  const { code, out, err } = await run(args.split(' '), { env: title === 'no token' ? {} : token });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^blue-webhooks: [^\n]+\n$/);
  expect(err).toContain(words);
});
