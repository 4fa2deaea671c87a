/** Node, Bun and Deno: prints what they found of the inbox, as JSON. */
import { type Conformance, runCases } from './case';
import { inboxCases } from './inbox-cases';
import { verdicts } from './verdicts';

const result: Conformance = { ...(await runCases(inboxCases)), verdicts: await verdicts() };
console.log(JSON.stringify(result));
