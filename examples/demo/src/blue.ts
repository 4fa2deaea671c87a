import { createBlueSimulator, createVirtualClock, sampleSecret, scenario } from '@blue-webhooks/testing';

/** Plays a simulated day of Blue against a receiver, on a virtual clock. Returns whether the webhook stays enabled. */
export async function runScenario(url: string): Promise<boolean> {
  const blue = createBlueSimulator({ url, secret: sampleSecret, duplicateRate: 0.05, clock: createVirtualClock() });
  const { counts } = await blue.play(scenario({ seed: 1, days: 1, records: 20 }));
  console.log(`Simulated working day: ${counts.delivered} events delivered, webhook ${blue.webhook.status}.`);
  return blue.webhook.enabled && counts.failed === 0;
}

/** Shows Blue's policy: five failures of one delivery disable the webhook. */
export async function runFailure(): Promise<boolean> {
  const fetch = async () => new Response(null, { status: 500 });
  const url = 'http://localhost/a-receiver-that-fails';
  const blue = createBlueSimulator({ url, secret: sampleSecret, clock: createVirtualClock(), fetch });
  const { attempts } = await blue.emit('TODO_MOVED');
  console.log(
    `A receiver that always fails: ${attempts.length} attempts, then the webhook is ${blue.webhook.enabled ? 'enabled' : 'disabled'}.`,
  );
  return !blue.webhook.enabled;
}
