/**
 * `npm start`, `npm test`, `npm run bench` and `npm run release`: installs, builds, and runs the command. Arguments are passed
 * on; `npm start demo` starts the demo of four receivers.
 */
import process from 'node:process';
import { prepare, run, runAll } from './command.mjs';

const setup = prepare.slice(0, 1);
const commands = {
  start: { before: prepare, command: 'node packages/cli/dist/main.js listen --demo' },
  demo: { before: prepare, command: 'node examples/demo/dist/main.js' },
  test: { before: [...prepare, 'node tools/check.mjs'], command: 'vitest run' },
  bench: { before: setup, command: 'node bench/src/main.js' },
  release: { before: prepare, command: 'tsx tools/release-dry.ts' },
};

const [first, second, ...rest] = process.argv.slice(2);
const [name, ...args] = first === 'start' && second === 'demo' ? ['demo', ...rest] : process.argv.slice(2);
const { before, command } = commands[name];
process.exitCode = (await runAll(before)) || (await run(command, args));
