import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { createReceiver, type Delivery, type ReceiverOptions } from '@blue-webhooks/core';
import type { AdapterUnderTest, ContractCase, Served } from './adapter';
import { exchange, whileServed } from './exchange';
import { secret } from './requests';
import type { ContractAnswer, ContractRequest } from './send';

/** One request, and its expected result. */
export interface Row {
  readonly title: string;
  readonly request: () => Promise<ContractRequest> | ContractRequest;
  readonly options?: Partial<ReceiverOptions>;
  readonly handler?: (delivery: Delivery) => unknown;
  readonly needsHttp?: boolean;
  readonly needsConsumed?: boolean;

  readonly status: number;
  /** The code in the response; absent if the response has no body. */
  readonly error?: string;
  /** The code that `onFailure` receives. */
  readonly code?: string;
  /** How often a handler ran. */
  readonly handled?: number;
  /** Checks what the handler received, after the sender has its response. */
  readonly received?: (delivery: Delivery) => void;
}

export const acknowledged = { status: 204 } as const;
export const handled = { status: 204, handled: 1 } as const;
export const forged = (code: string) => ({ status: 401, error: 'SIGNATURE_INVALID', code }) as const;
export const refused = (status: number, code: string) => ({ status, error: code, code }) as const;

/** Text of the errors that handlers and secret functions throw here: it must not reach the sender. */
export const privateText = 'a private matter';

export const caseOf = (row: Row): ContractCase => ({
  title: row.title,
  needsHttp: row.needsHttp ?? false,
  needsConsumed: row.needsConsumed ?? false,
  run: (adapter) => check(adapter, row),
});

async function check(adapter: AdapterUnderTest, row: Row): Promise<void> {
  const codes: string[] = [];
  const deliveries: Delivery[] = [];
  const run = (_event: unknown, delivery: Delivery) => {
    deliveries.push(delivery);
    return row.handler?.(delivery);
  };
  const onFailure: ReceiverOptions['onFailure'] = ({ code }) => codes.push(code);
  const receiver = createReceiver({ secret, onFailure, ...row.options } as ReceiverOptions)
    .on('TODO_CREATED', run)
    .onUnknown(run);
  const request = await row.request();
  const work = (served: Served) => exchange(served, request);
  const answer = await whileServed(adapter, receiver, work, { consumed: row.needsConsumed ?? false });

  strictEqual(answer.status, row.status, 'the status');
  strictEqual(answer.body, row.error === undefined ? '' : JSON.stringify({ error: row.error }), 'the body');
  if (row.error) strictEqual(answer.headers['content-type'], 'application/json', 'the content type');
  tellsNothing(answer, request);
  strictEqual(deliveries.length, row.handled ?? 0, 'how often a handler ran');
  deepStrictEqual(codes, row.code === undefined ? [] : [row.code], 'the codes that onFailure received');
  for (const delivery of deliveries) row.received?.(delivery);
}

/** Headers must not contain what the body must not contain. */
function tellsNothing({ headers }: ContractAnswer, request: ContractRequest): void {
  const text = JSON.stringify(headers);
  const signatures = [request.headers['x-signature'] ?? []].flat().filter((signature) => signature !== '');
  for (const hidden of [secret, ...signatures, privateText, 'TODO_', '.ts:', '.js:', 'SIGNATURE_', 'SECRET_UNKNOWN']) {
    ok(!text.includes(hidden), 'a header of the response contains private text');
  }
}
