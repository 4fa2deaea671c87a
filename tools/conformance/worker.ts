/** workerd: answers with what it found. */
import { apiCases } from './api-cases';
import { type Conformance, runCases } from './case';
import { coreCases } from './core-cases';
import { hostileTokenCases } from './hostile-token-cases';
import { tokenCases } from './token-cases';
import { verdictCases, verdicts } from './verdicts';

export default {
  async fetch(): Promise<Response> {
    const cases = [...coreCases, ...verdictCases, ...tokenCases, ...hostileTokenCases, ...apiCases];
    const result: Conformance = { ...(await runCases(cases)), verdicts: await verdicts() };
    return Response.json(result);
  },
};
