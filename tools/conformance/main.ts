/** Node, Bun and Deno: prints what they found, as JSON. */
import { type Conformance, runCases } from './case';
import { contractCases } from './contract-cases';
import { coreCases } from './core-cases';
import { httpCases } from './http-cases';
import { verdictCases, verdicts } from './verdicts';

const cases = [...coreCases, ...verdictCases, ...contractCases, ...httpCases];
const result: Conformance = { ...(await runCases(cases)), verdicts: await verdicts() };
console.log(JSON.stringify(result));
