import { createReceiver, memoryLedger, type ReceiverOptions, verify } from '@blue-webhooks/core';
import { createBlueSimulator, createVirtualClock } from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';

const secret = 'test-secret';
const headers = { 'blue-token-id': 'test-token', 'blue-token-secret': 'pat_test-token', 'blue-org-id': 'rogue' };
const query =
  'mutation ($id: String!, $name: String) { updateWebhook(input: { webhookId: $id, name: $name }) { name } }';

/** A receiver whose first answers are lost, at a webhook that is renamed after each of them. */
async function retriedAfterEdits(options: Partial<ReceiverOptions>, { lost = 1, failing = false } = {}) {
  const handled: string[] = [];
  const bodies: string[] = [];
  const duplicates: boolean[] = [];
  const receiver = createReceiver({
    secret,
    ledger: memoryLedger(),
    onOutcome: ({ duplicate }) => void duplicates.push(duplicate),
    ...options,
  } as ReceiverOptions).on('TODO_MOVED', (_, { id }) => {
    handled.push(id);
    if (failing) throw new Error('It always fails.');
  });
  const fetch = async (request: Request) => {
    bodies.push(await request.clone().text());
    await verify({ body: bodies.at(-1) as string, signature: request.headers.get('x-signature'), secret });
    const answer = await receiver.fetch(request);
    const variables = { id: blue.webhook.id, name: `Edited ${bodies.length}` };
    const body = JSON.stringify({ query, variables });
    await blue.api.fetch(new Request('https://api.blue.app/graphql', { method: 'POST', headers, body }));
    if (bodies.length <= lost) throw new Error('The connection was cut.');
    return answer;
  };
  const clock = createVirtualClock({ patienceMs: 10_000 }); // the first request to the API loads `graphql`
  const blue = createBlueSimulator({ url: 'http://localhost/webhooks/blue', secret, clock, fetch });
  const fate = await blue.emit('TODO_MOVED', { webhook: { status: 'UNHEALTHY' } });
  return { fate, handled, bodies, duplicates };
}

describe('a webhook that is edited between two attempts', () => {
  test('changes the webhook part of the body and the signature, and nothing else', async () => {
    const { fate, bodies } = await retriedAfterEdits({});
    const [first, second] = bodies.map((body) => JSON.parse(body));
    expect(second.webhook).toMatchObject({ name: 'Edited 1', status: 'UNHEALTHY' });
    expect({ ...second, webhook: first.webhook }).toEqual(first);
    expect(fate).toMatchObject({ outcome: 'delivered', body: bodies[1] });
    expect(new Set(fate.attempts.map(({ deliveryId }) => deliveryId)).size).toBe(2);
  });

  test("makes a second delivery of it by default, and a duplicate with dedupe: 'change'", async () => {
    expect(await retriedAfterEdits({})).toMatchObject({ handled: { length: 2 }, duplicates: [false, false] });
    expect(await retriedAfterEdits({ dedupe: 'change' })).toMatchObject({
      handled: { length: 1 },
      duplicates: [false, true],
    });
  });

  test("does not hide a poison event from deadLetter with dedupe: 'change'", async () => {
    const dead: string[] = [];
    const deadLetter = async ({ id }: { id: string }) => void dead.push(id);
    const { fate, handled } = await retriedAfterEdits({ dedupe: 'change', deadLetter }, { lost: 0, failing: true });
    expect(fate).toMatchObject({ outcome: 'delivered', attempts: { length: 4 } });
    expect(dead).toEqual([handled[0]]);
  });
});
