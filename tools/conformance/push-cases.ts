import { createReceiver } from '@blue-webhooks/core';
import { createEventTokenIssuer, pushEventTokens, receiveEventTokens, serveKeys } from '@blue-webhooks/event-tokens';
import { blueWebhook } from '@blue-webhooks/express';
import { signedRequest } from '@blue-webhooks/testing';
import express from 'express';
import { exportPKCS8, generateKeyPair } from 'jose';
import { type Case, same } from './case';
import { listen } from './listen';

const issuer = 'https://gateway.example';
const audience = 'https://billing.example';
const allowHttp = true; // on loopback
const secret = 'a secret';
const url = 'https://gateway.example/webhooks/blue';

/** A gateway that vouches for what it received, and a service that knows only where the gateway's public keys are. */
export const pushCases: readonly Case[] = [
  {
    title: 'a delivery is handed on as a token, and the service looks the key up where the gateway serves it',
    async run() {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true });
      const tokens = createEventTokenIssuer({ issuer, audience, key: await exportPKCS8(privateKey) });
      const gateway = await listen(express().get('/webhooks/blue', serveKeys(tokens).node));
      const arrived: unknown[] = [];
      const keys = new URL(gateway.url);
      const recipient = receiveEventTokens({ issuer, audience, keys, allowHttp }, ({ event, jti }) =>
        arrived.push([event?.event, jti.length]),
      );
      const service = await listen(express().post('/webhooks/blue', blueWebhook(recipient)));
      try {
        const push = pushEventTokens({ to: service.url, issuer: tokens, allowHttp });
        const receiver = createReceiver({ secret }).on('TODO_MOVED', (event, delivery) => push(event, delivery));
        const response = await receiver.fetch(await signedRequest('TODO_MOVED', { secret, url }));
        same([response.status, arrived], [204, [['TODO_MOVED', 32]]]);
      } finally {
        await Promise.all([gateway.close(), service.close()]);
      }
    },
  },
];
