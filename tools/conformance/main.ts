/** Node, Bun and Deno: prints what it found, as JSON. `core` or `all` says how much to try. */
import process from 'node:process';
import { type Conformance, runCases } from './case';
import { coreCases } from './core-cases';
import { verdictCases, verdicts } from './verdicts';

const cases = [...coreCases, ...verdictCases];
if (process.argv[2] === 'all') {
  // Only here, since a runtime without sockets cannot load it.
  const [{ contractCases }, { httpCases }] = await Promise.all([import('./contract-cases'), import('./http-cases')]);
  cases.push(...contractCases, ...httpCases);
}
const result: Conformance = { ...(await runCases(cases)), verdicts: await verdicts() };
console.log(JSON.stringify(result));
