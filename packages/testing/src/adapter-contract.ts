import type { ContractCase } from './contract/adapter';
import { bodies } from './contract/bodies';
import { connections } from './contract/connections';
import { forgeries } from './contract/forgeries';
import { genuine } from './contract/genuine';
import { handlers } from './contract/handlers';
import { caseOf } from './contract/row';

export type { AdapterUnderTest, ContractCase, Served } from './contract/adapter';
export type { ContractAnswer, ContractRequest } from './contract/send';

/**
 * The requirements on every adapter, as cases for any test runner. An adapter that passes them all responds like the others.
 *
 * @example
 * for (const { title, run } of adapterContract) test(title, () => run({ serve, serveConsumed }));
 */
export const adapterContract: readonly ContractCase[] = [
  ...[...genuine, ...forgeries, ...bodies, ...handlers].map(caseOf),
  ...connections,
];
