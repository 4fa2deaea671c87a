import { samples } from '@blue-webhooks/testing';
import { runFailure, runScenario } from './blue';
import { type RunningReceiver, startReceivers } from './receivers';
import { nameOf, Recorder, runTable } from './table';

const FIRST_PORT = 4101;

const recorder = new Recorder();
let listening = false;
const receivers = await startReceivers(
  FIRST_PORT,
  (receiver, delivery) =>
    listening ? console.log(`${receiver}: ${nameOf(delivery)}`) : recorder.record(receiver, delivery),
  (receiver, { status, code, deliveryId, durationMs }) => {
    if (!listening) return;
    const facts = [code, deliveryId && `delivery ${deliveryId}`, `${durationMs.toFixed(1)} ms`];
    console.log(`${receiver}: answered ${status} (${facts.filter(Boolean).join(', ')})`);
  },
);

const verdicts = [await runTable(receivers, recorder), await runScenario(receivers[0]?.url ?? ''), await runFailure()];

if (process.argv.includes('--once')) {
  await close(receivers);
  process.exitCode = verdicts.every(Boolean) ? 0 : 1;
} else {
  listening = true;
  printCommands(receivers);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await close(receivers);
      process.exit(0);
    });
  }
}

/** Prints a `curl` command for each receiver, to run in the repository's root. */
function printCommands(running: readonly RunningReceiver[]): void {
  console.log('\nListening. Send a published delivery yourself. If you change one byte of the file, it is refused:\n');
  for (const { name, url } of running) {
    console.log(`# ${name}\ncurl -i --data-binary @packages/testing/samples/todo-created.json ${url} \\`);
    console.log(`  -H 'content-type: application/json' \\\n  -H 'x-signature: ${samples.TODO_CREATED.signature}'\n`);
  }
  console.log('Deliveries are shown here as they arrive. Press Ctrl-C to stop.\n');
}

async function close(running: readonly RunningReceiver[]): Promise<void> {
  await Promise.all(running.map((receiver) => receiver.close()));
}
