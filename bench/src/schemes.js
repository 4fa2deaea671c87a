import { Buffer } from 'node:buffer';
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { createReceiver, verify } from '@blue-webhooks/core';
import { verifySignature } from '@blue-webhooks/core/verify';
import { validateSignature } from '@line/bot-sdk';
import { LinearWebhookClient } from '@linear/sdk/webhooks';
import { Webhooks } from '@octokit/webhooks';
import { verify as octokitVerify } from '@octokit/webhooks-methods';
import * as standardwebhooks from 'standardwebhooks';
import Stripe from 'stripe';
import * as svix from 'svix';

export const secret = 'c8a9fe1f0d6f4cb68a32b29bd5c0e5d0';
export const hmacOf = (body, encoding = 'hex', key = secret) => createHmac('sha256', key).update(body).digest(encoding);

/** By hand: HMAC with a key that is created once, and a constant-time compare. */
export function floorA(body, signature, key = createSecretKey(Buffer.from(secret))) {
  return () => timingSafeEqual(createHmac('sha256', key).update(body).digest(), Buffer.from(signature, 'hex'));
}

/** Floor A and the parser. */
export function floorB(body, signature, key) {
  const verified = floorA(body, signature, key);
  return () => verified() && JSON.parse(body.toString());
}

/**
 * Every library with its own scheme, over the same bytes as they come from a socket: one that takes only text pays for
 * the conversion. `verify` returns whether the signature is genuine, `receive` returns the payload as well.
 *
 * @type {Record<string, (body: Buffer) => { verify?: () => unknown, receive?: () => unknown, renew?: () => void }>}
 */
export const schemes = {
  floor(body) {
    const signature = hmacOf(body);
    return { verify: floorA(body, signature), receive: floorB(body, signature) };
  },

  '@blue-webhooks/core'(body) {
    const signature = hmacOf(body);
    return {
      verify: () => verifySignature({ body, signature, secret }),
      receive: () => verify({ body, signature, secret }),
    };
  },

  // Text only. Verifies, parses, and calls handlers.
  '@octokit/webhooks'(body) {
    const signature = `sha256=${hmacOf(body)}`;
    const webhooks = new Webhooks({ secret });
    webhooks.on('push', () => {});
    return {
      verify: () => octokitVerify(secret, body.toString(), signature),
      receive: () => webhooks.verifyAndReceive({ id: '1', name: 'push', payload: body.toString(), signature }),
    };
  },

  // Its middleware verifies the bytes and parses their text.
  '@line/bot-sdk'(body) {
    const signature = hmacOf(body, 'base64');
    const verify = () => validateSignature(body, secret, signature);
    return { verify, receive: () => verify() && JSON.parse(body.toString()) };
  },

  // The body carries its own time, which may be a minute old: its `verify` parses too.
  '@linear/sdk'(source) {
    const client = new LinearWebhookClient(secret);
    let body;
    let signature;
    return {
      renew() {
        body = Buffer.concat([Buffer.from(`{"webhookTimestamp":${Date.now()},`), source.subarray(1)]);
        signature = hmacOf(body);
      },
      verify: () => client.verify(body, signature),
      receive: () => client.parseData(body, signature),
    };
  },

  stripe(body) {
    const { webhooks } = new Stripe('sk_test_bench');
    let header;
    const async = !isNode(); // elsewhere its build supports only Web Crypto
    return {
      renew() {
        const seconds = Math.floor(Date.now() / 1000);
        header = `t=${seconds},v1=${hmacOf(Buffer.concat([Buffer.from(`${seconds}.`), body]))}`;
      },
      verify: () => webhooks.signature[async ? 'verifyHeaderAsync' : 'verifyHeader'](body, header, secret),
      receive: () => webhooks[async ? 'constructEventAsync' : 'constructEvent'](body, header, secret),
    };
  },

  standardwebhooks: (body) => standard(standardwebhooks.Webhook, body),
  svix: (body) => standard(svix.Webhook, body),
};

function standard(Webhook, body) {
  const webhook = new Webhook(Buffer.from(secret).toString('base64'));
  let headers;
  return {
    renew() {
      const seconds = Math.floor(Date.now() / 1000);
      const signed = Buffer.concat([Buffer.from(`msg_1.${seconds}.`), body]);
      headers = {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,${hmacOf(signed, 'base64')}`,
      };
    },
    verify: () => webhook.verify(body, headers, { jsonParse: false }),
    receive: () => webhook.verify(body, headers),
  };
}

/** This library's receiver, from the raw request to the response, with one handler. */
export function handled(body, signature = hmacOf(body), options = {}) {
  const receiver = createReceiver({ secret, maxBodyBytes: 2 * body.length, ...options }).on(
    ['TODO_CREATED', 'TODO_DONE_STATUS_UPDATED'],
    async () => {},
  );
  const headers = { 'x-signature': signature };
  const raw = { method: 'POST', header: (name) => headers[name], body };
  return () => receiver.handle(raw);
}

const isNode = () => !globalThis.Bun && !globalThis.Deno;
