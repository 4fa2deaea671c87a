/**
 * `npm run check:long -- NAME [ARGUMENTS]`: runs a check that takes longer than `npm test` may. Without a name it lists them.
 */
import process from 'node:process';
import { prepare, run, runAll } from './command.mjs';

const source = '--conditions=@blue-webhooks/source';
const checks = {
  runtimes: {
    before: prepare,
    command: 'tsx tools/check-runtimes.ts',
    what: 'the packed packages on Node 24, Bun and Deno, with the oldest frameworks, and TypeScript 5.4 to 7.0',
  },
  site: {
    command: 'vitest run --config tools/config/vitest.long.config.ts docs',
    what: 'the whole site of the documentation is built, and its links lead somewhere',
  },
  examples: {
    before: prepare,
    command: 'tsx tools/check-examples.ts',
    what: 'each example outside the workspace, on the packed packages; on Bun and Deno; what npm create writes',
  },
  commands: {
    before: prepare,
    command: 'tsx tools/check-commands.ts --run',
    what: 'the commands that the pages name, run in a fresh clone with an empty home folder',
  },
  promises: { command: 'tsx tools/check-promises.ts', what: 'the test of each promise fails when its rule is broken' },
  mutation: { command: 'node tools/check-mutation.mjs', what: 'the tests notice changes to the stages and adapters' },
  inbox: {
    command: `node ${source} --import tsx packages/inbox/test/checks/main.ts`,
    what: 'the inbox with kills, a full disk, a million rows, and each runtime’s SQLite',
  },
  bullmq: {
    command: `tsx ${source} tools/check-inbox-bullmq.ts`,
    what: 'the inbox on BullMQ with twenty kills on Redis and on PostgreSQL',
  },
  'catch-up': {
    command: 'pnpm --filter @blue-webhooks/api run check:catch-up',
    what: 'catching up with 200 seeds, and kills',
  },
  container: {
    command: 'vitest run --config tools/config/vitest.long.config.ts container',
    what: 'the steps of the Dockerfile of examples/express-sqlite-inbox, run in empty folders without Docker',
  },
  timing: { command: 'tsx tools/check-timing.ts', what: 'comparing signatures takes the same time for any signature' },
};

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(checks, name)) {
  if (name !== undefined) console.error(`Unknown check: ${name}.`);
  console.error('npm run check:long -- NAME, where NAME is one of:');
  for (const [one, { what }] of Object.entries(checks)) console.error(`  ${one.padEnd(10)} ${what}`);
  process.exitCode = 2;
} else {
  const { before = [], command } = checks[name];
  process.exitCode = (await runAll(before)) || (await run(command, args));
}
