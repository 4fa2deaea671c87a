/** Node, Bun and Deno: prints what they found, as JSON. */
import { apiCases } from './api-cases';
import { type Conformance, runCases } from './case';
import { contractCases } from './contract-cases';
import { coreCases } from './core-cases';
import { hostileTokenCases } from './hostile-token-cases';
import { httpCases } from './http-cases';
import { pushCases } from './push-cases';
import { tokenCases } from './token-cases';
import { verdictCases, verdicts } from './verdicts';

const cases = [
  ...coreCases,
  ...verdictCases,
  ...contractCases,
  ...httpCases,
  ...tokenCases,
  ...hostileTokenCases,
  ...pushCases,
  ...apiCases,
];
const result: Conformance = { ...(await runCases(cases)), verdicts: await verdicts() };
console.log(JSON.stringify(result));
