/** workerd with Node's modules, which the contract (not what it tests) asks for. */
import { type Conformance, runCases } from './case';
import { contractCases } from './contract-cases';
import { verdicts } from './verdicts';

export default {
  async fetch(): Promise<Response> {
    const result: Conformance = { ...(await runCases(contractCases)), verdicts: await verdicts() };
    return Response.json(result);
  },
};
