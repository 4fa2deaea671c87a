import { type BlueClientOptions, createBlueClient } from '@blue-webhooks/api';
import { createReceiver } from '@blue-webhooks/core';
import { type ApiOptions, createBlueSimulator, createVirtualClock, type Fetch } from '@blue-webhooks/testing';

export const secret = 'test-secret';
export const url = 'http://localhost/webhooks/blue';
export const tokenSecret = 'pat_4e1a7c90d2b3';

/** A simulated Blue with its API, and clients of it that share its clock. */
export function world(api: ApiOptions = {}, fetch: Fetch = createReceiver({ secret }).fetch) {
  const clock = createVirtualClock();
  const tokens = [{ id: 'token-1', secret: tokenSecret }];
  const blue = createBlueSimulator({ url, secret, clock, fetch, api: { tokens, ...api } });
  const client = (options: Partial<BlueClientOptions> = {}) =>
    createBlueClient({
      tokenId: 'token-1',
      tokenSecret,
      organizationId: 'rogue',
      clock,
      fetch: blue.api.fetch,
      ...options,
    });
  return { blue, clock, client };
}

/** The largest number of requests that any 60 seconds contain. */
export function busiestMinute(requests: readonly { readonly atMs: number }[]): number {
  const times = requests.map(({ atMs }) => atMs).sort((one, other) => one - other);
  let first = 0;
  let most = 0;
  times.forEach((time, place) => {
    while ((times[first] as number) <= time - 60_000) first += 1;
    most = Math.max(most, place - first + 1);
  });
  return most;
}
