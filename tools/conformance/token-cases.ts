import { memoryLedger, verify } from '@blue-webhooks/core';
import {
  createEventTokenIssuer,
  EventTokenError,
  isVerified,
  type Jwk,
  receiveEventTokens,
  type VerifiedDelivery,
  verifyEventToken,
} from '@blue-webhooks/event-tokens';
import { samples, sampleSecret as secret } from '@blue-webhooks/testing';
import { createLocalJWKSet, exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import { type Case, same } from './case';

const issuer = 'https://gateway.example';
const audience = 'https://billing.example';
const algorithms = ['EdDSA', 'ES256', 'RS256'] as const;
const sample = samples.TODO_CREATED;

/** A key pair of this runtime's making, as JSON Web Keys. */
async function pair(alg: string): Promise<{ key: Jwk; publicKey: Jwk }> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { key: await exportJWK(privateKey), publicKey: { ...(await exportJWK(publicKey)), kid: alg, alg } };
}

async function delivery(): Promise<VerifiedDelivery> {
  const verified = await verify({ ...sample, secret });
  if (!isVerified(verified)) throw new Error('It was signed.');
  return verified;
}

const post = (token: string) =>
  new Request('https://billing.example/events', {
    method: 'POST',
    headers: { 'content-type': 'application/secevent+jwt' },
    body: token,
  });

/** What event tokens promise, wherever there is Web Crypto. */
export const tokenCases: readonly Case[] = [
  ...algorithms.flatMap((alg): Case[] => [
    {
      title: `${alg}: a token of ours verifies with ours and with jose by hand`,
      async run() {
        const { key } = await pair(alg);
        const tokens = createEventTokenIssuer({ issuer, audience, key, kid: alg });
        const token = await tokens.issue(await delivery());
        const keys = await tokens.jwks();
        const { event, jti } = await verifyEventToken(token, { issuer, audience, keys });
        same([event, jti], [(await delivery()).event, sample.signature.slice(0, 32)]);
        const options = { issuer, audience, typ: 'secevent+jwt', maxTokenAge: '1 min', algorithms: [alg] };
        const { payload } = await jwtVerify(token, createLocalJWKSet(keys), options);
        same(payload.jti, jti);
      },
    },
    {
      title: `${alg}: a token that jose made by hand verifies with ours, and not once it was changed`,
      async run() {
        const { key, publicKey } = await pair(alg);
        const events = { [`https://blue.cc/webhooks/events/${sample.event}`]: JSON.parse(sample.body) };
        const made = await new SignJWT({ events, jti: 'a delivery' })
          .setProtectedHeader({ alg, kid: alg, typ: 'secevent+jwt' })
          .setIssuer(issuer)
          .setAudience(audience)
          .setIssuedAt()
          .sign(await importJWK(key as JWK, alg));
        const keys = { keys: [publicKey] };
        same((await verifyEventToken(made, { issuer, audience, keys })).event?.event, sample.event);
        const [header, payload, signature] = made.split('.') as [string, string, string];
        const changed = [header, payload, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.');
        const error = await verifyEventToken(changed, { issuer, audience, keys }).catch((thrown: unknown) => thrown);
        same(EventTokenError.is(error) && error.code, 'TOKEN_SIGNATURE');
      },
    },
  ]),
  {
    title: 'the recipient answers 202 and handles a token once, and says what is wrong with another',
    async run() {
      const tokens = createEventTokenIssuer({ issuer, audience, key: (await pair('EdDSA')).key });
      let handled = 0;
      const recipient = receiveEventTokens(
        { issuer, audience, keys: await tokens.jwks(), ledger: memoryLedger() },
        () => {
          handled += 1;
        },
      );
      const token = await tokens.issue(await delivery());
      same([(await recipient.fetch(post(token))).status, (await recipient.fetch(post(token))).status], [202, 202]);
      same(handled, 1, 'handled');
      const refusal = await recipient.fetch(post(token.slice(1)));
      const { err } = (await refusal.json()) as { err: string };
      same([refusal.status, err], [400, 'invalid_request']);
    },
  },
];
