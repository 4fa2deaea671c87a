import { samples } from '@blue-webhooks/testing';
import { runFailure, runScenario } from './blue';
import { startReceivers } from './receivers';
import { Ear, runTable } from './table';

const FIRST_PORT = 4101;

const ear = new Ear();
let hear = ear.hear;
const receivers = await startReceivers(FIRST_PORT, (receiver, delivery) => hear(receiver, delivery));
const close = () => Promise.all(receivers.map((receiver) => receiver.close()));

const verdicts = [await runTable(receivers, ear)];
hear = () => {};
verdicts.push(await runScenario(receivers[0]?.url ?? ''), await runFailure());

if (process.argv.includes('--once')) {
  await close();
  process.exitCode = verdicts.every(Boolean) ? 0 : 1;
} else {
  hear = (receiver, { event, id, drift }) =>
    console.log(`${receiver}: ${event.event} (delivery ${id}, drift ${drift.length})`);
  console.log('\nListening. Send the published delivery yourself:\n');
  for (const { url } of receivers) {
    console.log(
      `curl -i -H 'content-type: application/json' -H 'x-signature: ${samples.TODO_CREATED.signature}' \\\n  --data-binary @packages/testing/samples/todo-created.json ${url}`,
    );
  }
  console.log('\nEvery delivery that arrives is shown here, until Ctrl-C.');
  process.once('SIGINT', async () => {
    await close();
    process.exit(0);
  });
}
