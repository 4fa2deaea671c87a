import { createReceiver } from '@blue-webhooks/core';
import { type ApiOptions, createBlueSimulator, createVirtualClock, scenario } from '@blue-webhooks/testing';

export const secret = 'test-secret';

/** A simulated Blue with a receiver in the same process, and helpers that call its API. */
export function blueWithApi(api: ApiOptions = {}, receiver = createReceiver({ secret })) {
  const clock = createVirtualClock();
  const blue = createBlueSimulator({
    url: 'http://localhost/webhooks/blue',
    secret,
    clock,
    fetch: receiver.fetch,
    api,
  });
  const request = (query: string, variables: object = {}, headers: Record<string, string> = {}) =>
    new Request('https://api.blue.app/graphql', {
      method: 'POST',
      headers: {
        'blue-token-id': 'test-token',
        'blue-token-secret': 'pat_test-token',
        'blue-org-id': 'rogue',
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
  const post = (query: string, variables?: object, headers?: Record<string, string>) =>
    blue.api.fetch(request(query, variables, headers));
  /** Returns the response's body; the test defines its shape. */
  const ask = async (query: string, variables?: object) => (await (await post(query, variables)).json()) as Answer;
  return { blue, clock, request, post, ask };
}

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads the fields that it has selected.
  readonly data: any;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

export const codeOf = ({ errors }: Answer): unknown => errors?.[0]?.extensions.code;

/** A simulated workspace after one day. */
export async function lively(seed = 3, api: ApiOptions = {}, records = 12) {
  const world = blueWithApi({ requestsPerMinute: { key: 1_000, user: 1_000, organization: 1_000 }, ...api });
  await world.blue.play(scenario({ seed, records }));
  return world;
}
