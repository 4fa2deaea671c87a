import { createBlueSimulator, createVirtualClock, sampleSecret, scenario } from '@blue-webhooks/testing';

/** Lets a simulated Blue work a day for a receiver, with the clock wound forward, and tells whether its webhook stays on. */
export async function runScenario(url: string): Promise<boolean> {
  const blue = createBlueSimulator({ url, secret: sampleSecret, duplicateRate: 0.05, clock: createVirtualClock() });
  const { counts } = await blue.play(scenario({ seed: 1, days: 1, records: 20 }));
  console.log(
    `A simulated Blue played a working day: ${counts.delivered} events delivered, webhook ${blue.webhook.status}.`,
  );
  return blue.webhook.enabled && counts.failed === 0;
}

/** Shows Blue's policy: five failures of one delivery, and the webhook is off. */
export async function runFailure(): Promise<boolean> {
  const fetch = async () => new Response(null, { status: 500 });
  const url = 'http://localhost/a-receiver-that-fails';
  const blue = createBlueSimulator({ url, secret: sampleSecret, clock: createVirtualClock(), fetch });
  const { attempts } = await blue.emit('TODO_MOVED');
  console.log(
    `A receiver that always fails: ${attempts.length} attempts, then the webhook is ${blue.webhook.enabled ? 'on' : 'off'}.`,
  );
  return !blue.webhook.enabled;
}
