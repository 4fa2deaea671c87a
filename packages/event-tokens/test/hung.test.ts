import type { ServerResponse } from 'node:http';
import { type Ledger, memoryLedger } from '@blue-webhooks/core';
import { describe, expect, test } from 'vitest';
import {
  createEventTokenIssuer,
  type Jwk,
  pushEventTokens,
  type ReceiveEventTokensOptions,
  receiveEventTokens,
  verifyEventToken,
} from '../src/index';
import { ed25519 } from './by-hand';
import { verifiedDelivery } from './deliveries';
import { serve } from './serve';

// Requests that hang time out after at most 5 seconds: these tests end, or the runner's limit ends them.
const issuer = 'https://gateway.example';
const audience = 'https://billing.example';
const pair = ed25519();
const key = pair.privateKey.export({ format: 'jwk' }) as Jwk;
const keys = pair.publicKey.export({ format: 'jwk' }) as Jwk;
const tokens = createEventTokenIssuer({ issuer, audience, key });

const hanging: [string, (response: ServerResponse) => void][] = [
  ['before its answer', () => {}],
  ['after its headers', (response) => void response.writeHead(200).flushHeaders()],
  ['in the middle of its body', (response) => void response.writeHead(200).write('{"keys":[')],
  [
    'by sending a byte now and then',
    (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    },
  ],
];

test.concurrent.each(hanging)(
  'a key set that hangs %s is KEYS_UNAVAILABLE',
  async (_where, answer) => {
    const { url } = await serve((_request, response) => answer(response));
    const token = await tokens.issue(await verifiedDelivery());
    const verified = verifyEventToken(token, { issuer, audience, keys: url });
    await expect(verified).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 });
  },
  30_000,
);

describe.each([200, 202, 400, 503])('a recipient that answers %i and hangs in its body', (status) => {
  test(status === 202 ? 'has accepted the token' : 'has not accepted the token', { timeout: 30_000 }, async () => {
    const { url } = await serve((_request, response) => void response.writeHead(status).write('{"err":'));
    const delivery = await verifiedDelivery();
    const pushed = pushEventTokens({ to: url, issuer: tokens, timeoutMs: 300 })(delivery.event, delivery);
    if (status === 202) await pushed;
    else await expect(pushed).rejects.toMatchObject({ name: 'PushError', status, err: undefined });
  });
});

describe('a ledger that hangs', () => {
  const never = () => new Promise<never>(() => {});

  async function receive(more: Partial<ReceiveEventTokensOptions>, handler: () => unknown = () => {}) {
    const codes: string[] = [];
    const onFailure = ({ code }: { code: string }) => codes.push(code);
    const receiver = receiveEventTokens({ issuer, audience, keys, onFailure, ...more }, handler);
    const request = new Request('https://billing.example/', {
      method: 'POST',
      headers: { 'content-type': 'application/secevent+jwt' },
      body: await tokens.issue(await verifiedDelivery()),
    });
    return [(await receiver.fetch(request)).status, codes];
  }
  const hanging = (...methods: (keyof Ledger)[]): { ledger: Ledger } => ({
    ledger: { ...memoryLedger(), ...Object.fromEntries(methods.map((method) => [method, never])) },
  });

  test('in begin is answered 503', async () => {
    expect(await receive(hanging('begin'))).toEqual([503, ['LEDGER_FAILED']]);
  });

  test('in finish is reported, and the token accepted', async () => {
    expect(await receive(hanging('finish'))).toEqual([202, ['LEDGER_FAILED']]);
  });

  test('in fail and release is reported, and the token refused', async () => {
    const handler = () => Promise.reject(new Error('The database is down.'));
    const codes = ['LEDGER_FAILED', 'LEDGER_FAILED', 'HANDLER_FAILED'];
    expect(await receive(hanging('fail', 'release'), handler)).toEqual([500, codes]);
  });

  test.each([undefined, null, 'new', { state: 'new' }, { state: 'other', token: 't' }, { state: 'new', token: 7 }])(
    'or answers %j to begin is answered 503',
    async (answer) => {
      const ledger = { ...memoryLedger(), begin: () => answer } as unknown as Ledger;
      const handler = () => {
        throw new Error('It must not get here.');
      };
      expect(await receive({ ledger }, handler)).toEqual([503, ['LEDGER_FAILED']]);
    },
  );
});
