import { EventTokenError, verifyEventToken } from '@blue-webhooks/event-tokens';
import { type Case, same } from './case';
import type { HostileTokens } from './hostile-tokens';

/** Made by Node when the suite is bundled, since making them asks for more of `node:crypto` than some runtimes have. */
declare const HOSTILE_TOKENS: HostileTokens;

const { issuer, audience, keys, genuine, hostile } = HOSTILE_TOKENS;
const check = (token: string) => verifyEventToken(token, { issuer, audience, keys });

/** Every token that must not pass gets its code. */
export const hostileTokenCases: readonly Case[] = [
  {
    title: 'what the hostile tokens are made from passes',
    async run() {
      same((await check(genuine)).event?.event, 'TODO_CREATED');
    },
  },
  ...hostile.map(
    ({ title, code, token }): Case => ({
      title: `a hostile token is refused: ${title}`,
      async run() {
        const error = await check(token).catch((thrown: unknown) => thrown);
        same(EventTokenError.is(error) ? error.code : error, code);
      },
    }),
  ),
];
