/** workerd: answers with what it found. */
import { type Conformance, runCases } from './case';
import { coreCases } from './core-cases';
import { verdictCases, verdicts } from './verdicts';

export default {
  async fetch(): Promise<Response> {
    const result: Conformance = { ...(await runCases([...coreCases, ...verdictCases])), verdicts: await verdicts() };
    return Response.json(result);
  },
};
