import { sign, verifySignature } from '@blue-webhooks/core/verify';
import { samples, sampleSecret as secret } from '@blue-webhooks/testing';
import wycheproof from '../../packages/core/test/vectors/hmac_sha256_wycheproof.json';
import { type Case, same } from './case';

const { body, signature } = samples.TODO_CREATED;

/** Values that are not a signature. */
const malformed: readonly unknown[] = [
  undefined,
  null,
  '',
  [],
  [signature, signature],
  {},
  7,
  signature.toUpperCase(),
  signature.slice(1),
  `${signature}0`,
  ` ${signature}`,
  `${signature} `,
  `${signature}\n`,
  `${signature.slice(0, 63)}\n`,
  `${signature.slice(0, 63)}\0`,
  `${signature.slice(0, 63)}g`,
  `sha256=${signature}`,
  `0x${signature.slice(2)}`,
  `${signature}, ${signature}`,
  signature.replace(/\d/, '\uff11'),
  signature.replace(/\d/, String.fromCharCode(0x130)),
  '0'.repeat(64),
  'f'.repeat(64),
];

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** Whether each vector and each malformed header is accepted, in a text that runtimes can be compared by. */
export async function verdicts(): Promise<string> {
  let all = '';
  const give = (accepted: boolean) => {
    all += accepted ? '1' : '0';
  };
  for (const { tests } of wycheproof.testGroups) {
    for (const { key, msg, tag } of tests) {
      give(await verifySignature({ body: bytes(msg), signature: tag, secret: bytes(key) }));
    }
  }
  for (const header of malformed) give(await verifySignature({ body, signature: header as string, secret }));
  return all;
}

/** What the verdicts have to be, by the vectors' own word. */
export const verdictCases: readonly Case[] = [
  {
    title: 'every Wycheproof vector gets its verdict, and no malformed header is accepted',
    async run() {
      const expected = wycheproof.testGroups.flatMap(({ tagSize, tests }) =>
        tests.map(({ result }) => (tagSize === 256 && result === 'valid' ? '1' : '0')),
      );
      same(await verdicts(), `${expected.join('')}${'0'.repeat(malformed.length)}`, 'verdicts');
    },
  },
  {
    title: 'every full tag of the vectors is signed again',
    async run() {
      const full = wycheproof.testGroups.filter(({ tagSize }) => tagSize === 256).flatMap(({ tests }) => tests);
      for (const { key, msg, tag, result } of full) {
        if (result === 'valid') same(await sign(bytes(msg), bytes(key)), tag, 'tag');
      }
    },
  },
];
