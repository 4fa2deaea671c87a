import { samples } from '@blue-webhooks/testing';
import { runFailure, runScenario } from './blue';
import { type RunningReceiver, startReceivers } from './receivers';
import { Ear, nameOf, runTable } from './table';

const FIRST_PORT = 4101;

const ear = new Ear();
let listening = false;
const receivers = await startReceivers(
  FIRST_PORT,
  (receiver, delivery) => (listening ? console.log(`${receiver}: ${nameOf(delivery)}`) : ear.hear(receiver, delivery)),
  (receiver, { status, code, deliveryId, durationMs }) => {
    if (!listening) return;
    const facts = [code, deliveryId && `delivery ${deliveryId}`, `${durationMs.toFixed(1)} ms`];
    console.log(`${receiver}: answered ${status} (${facts.filter(Boolean).join(', ')})`);
  },
);

const verdicts = [await runTable(receivers, ear), await runScenario(receivers[0]?.url ?? ''), await runFailure()];

if (process.argv.includes('--once')) {
  await close(receivers);
  process.exitCode = verdicts.every(Boolean) ? 0 : 1;
} else {
  listening = true;
  invite(receivers);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await close(receivers);
      process.exit(0);
    });
  }
}

/** Prints for each receiver how to send it a delivery by hand, from the repository's root. */
function invite(running: readonly RunningReceiver[]): void {
  console.log('\nListening. Send a published delivery yourself; with one byte of the file changed, it is refused:\n');
  for (const { name, url } of running) {
    console.log(`# ${name}\ncurl -i --data-binary @packages/testing/samples/todo-created.json ${url} \\`);
    console.log(`  -H 'content-type: application/json' \\\n  -H 'x-signature: ${samples.TODO_CREATED.signature}'\n`);
  }
  console.log('Every delivery that arrives is shown here, until Ctrl-C.\n');
}

async function close(running: readonly RunningReceiver[]): Promise<void> {
  await Promise.all(running.map((receiver) => receiver.close()));
}
