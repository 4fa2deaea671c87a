/**
 * Measures whether the time of a verification reveals where a forged signature differs, or which secret matched: a dudect-style
 * Welch's t-test of two classes, measured in random order. Run it on an idle machine; a planted leak shows that the
 * measurement detects one.
 */
import { randomBytes } from 'node:crypto';
import { hmac as node } from '../packages/core/src/hmac/node';
import { hmac as web } from '../packages/core/src/hmac/web';
import { prepareSecrets } from '../packages/core/src/secrets';
import { findSigner } from '../packages/core/src/signature';

const LEAK = 10; // |t| above which dudect calls a leak certain
const SAMPLES = 60_000;
const REPEAT = 50;

/** Returns Welch's t of two classes of work, without the slowest tenth, which contains interruptions. */
async function welch(work: readonly [() => unknown, () => unknown]): Promise<number> {
  const times: [number[], number[]] = [[], []];
  for (let i = 0; i < SAMPLES; i++) {
    const which = Math.random() < 0.5 ? 0 : 1;
    const startedAt = process.hrtime.bigint();
    const result = work[which]();
    if (result instanceof Promise) await result;
    times[which].push(Number(process.hrtime.bigint() - startedAt));
  }
  const cut = [...times[0], ...times[1]].sort((a, b) => a - b)[Math.floor(SAMPLES * 0.9)] as number;
  const [a, b] = times.map((list) => statistics(list.filter((time) => time <= cut))) as [Statistics, Statistics];
  return (a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count);
}

interface Statistics {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

function statistics(list: readonly number[]): Statistics {
  const mean = list.reduce((sum, time) => sum + time, 0) / list.length;
  const variance = list.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (list.length - 1);
  return { count: list.length, mean, variance };
}

const mac = randomBytes(32).toString('hex');
const other = (hex: string) => (hex === '0' ? '1' : '0');
const wrongFirst = other(mac[0] as string) + mac.slice(1);
const wrongLast = mac.slice(0, 63) + other(mac[63] as string);

/** A leaking comparison: it returns at the first difference. */
function planted(a: string, b: string): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

let sink = 0;
const many = (equal: (a: string, b: string) => boolean, forged: string) => () => {
  for (let i = 0; i < REPEAT; i++) sink += Number(equal(mac, forged));
};
const classes = (equal: (a: string, b: string) => boolean) =>
  [many(equal, wrongFirst), many(equal, wrongLast)] as const;

const body = randomBytes(2_000);
const secrets = prepareSecrets(Array.from({ length: 10 }, (_, i) => `secret ${i}`));
const signedBy = async (place: number) => {
  const { key } = secrets[place] as (typeof secrets)[number];
  return String(await node.sign(key, body));
};
const [byFirst, byLast] = [await signedBy(0), await signedBy(9)];

const measurements: { what: string; leaks: boolean; work: readonly [() => unknown, () => unknown] }[] = [
  { what: 'a planted comparison that stops at the first difference', leaks: true, work: classes(planted) },
  { what: 'comparison on Node: first or last character wrong', leaks: false, work: classes(node.equal) },
  { what: 'comparison on Web Crypto: first or last character wrong', leaks: false, work: classes(web.equal) },
  {
    what: 'verification: first or last character wrong',
    leaks: false,
    work: [() => findSigner(secrets, body, wrongFirst), () => findSigner(secrets, body, wrongLast)],
  },
  {
    what: 'verification: the first or the last of ten secrets matches',
    leaks: false,
    work: [() => findSigner(secrets, body, byFirst), () => findSigner(secrets, body, byLast)],
  },
];

let wrong = 0;
for (const { what, leaks, work } of measurements) {
  await welch(work); // warm-up
  const t = await welch(work);
  const leaking = Math.abs(t) > LEAK;
  if (leaking !== leaks) wrong += 1;
  console.log(
    `${what.padEnd(62)} t = ${t.toFixed(1).padStart(8)}   ${leaking ? 'leaks' : 'no leak'}${leaking === leaks ? '' : '   NOT AS EXPECTED'}`,
  );
}
process.exitCode = wrong === 0 && sink >= 0 ? 0 : 1;
