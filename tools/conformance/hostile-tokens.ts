import type { EventTokenErrorCode, JwkSet } from '@blue-webhooks/event-tokens';
import { jws } from '../../packages/event-tokens/test/by-hand';
import { createForge, hostileTokens } from '../../packages/event-tokens/test/hostile-tokens';

/** Tokens in a form that can be carried to any runtime. */
export interface HostileTokens {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JwkSet;
  readonly genuine: string;
  readonly hostile: readonly { readonly title: string; readonly code: EventTokenErrorCode; readonly token: string }[];
}

/** Makes the table of hostile tokens with new keys; they are valid for some hours. Values other than strings are tested on Node only. */
export function makeHostileTokens(): HostileTokens {
  const issuer = 'https://gateway.example';
  const audience = 'https://billing.example';
  const payload = { event: 'TODO_CREATED', currentValue: { id: '1', title: 'T' } };
  const events = { 'https://blue.cc/webhooks/events/TODO_CREATED': payload };
  const iat = Math.floor(Date.now() / 1000);
  const { forge, keys } = createForge({ iss: issuer, aud: audience, iat, jti: 'a delivery', events });
  const header = { alg: 'EdDSA', kid: forge.kid, typ: 'secevent+jwt' };
  const hostile = hostileTokens.flatMap(([title, code, make]) => {
    const token = make(forge);
    return typeof token === 'string' ? [{ title, code, token }] : [];
  });
  return { issuer, audience, keys, genuine: jws(header, forge.claims, forge.trusted.privateKey), hostile };
}
