import type { Receiver } from '@blue-webhooks/core';
import type { AdapterUnderTest, Served } from './adapter';
import { type ContractAnswer, type ContractRequest, sendOverHttp } from './send';
import { within } from './within';

/** Serves the receiver for as long as the work takes. */
export async function whileServed<T>(
  adapter: AdapterUnderTest,
  receiver: Receiver,
  work: (served: Served) => Promise<T>,
  { consumed = false } = {},
): Promise<T> {
  const served = await (consumed ? adapter.serveConsumed?.(receiver) : adapter.serve(receiver));
  if (!served) throw new TypeError('This case needs serveConsumed: add it, or omit the cases with needsConsumed.');
  try {
    return await work(served);
  } finally {
    await served.close();
  }
}

/** Sends one request and waits for the response. */
export function exchange(served: Served, request: ContractRequest): Promise<ContractAnswer> {
  const answer = 'url' in served ? sendOverHttp(served.url, request) : served.send(request);
  return within(answer, 'an answer');
}

/** Returns the adapter's URL, for cases that need a connection. */
export function urlOf(served: Served): string {
  if ('url' in served) return served.url;
  throw new TypeError('This case needs an adapter with a URL: omit the cases with needsHttp.');
}
