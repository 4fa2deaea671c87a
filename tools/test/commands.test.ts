import { expect, test } from 'vitest';
import { commands, commandsIn, namedCommands } from '../commands';

test('every command that a page names is in the table, and every one in the table is named', () => {
  const named = new Set(namedCommands().map(({ command }) => command));
  expect([...named].sort()).toEqual(Object.keys(commands).sort());
  expect(named.size).toBeGreaterThan(20);
});

test('commands are found in blocks and in sentences, without comments, prompts and variables', () => {
  const page = [
    'Run `npm start`, `npx a b` and `node x`.',
    '```sh',
    'SECRET=1 npm run demo   # a demo',
    '$ npm test',
    'cd npm',
    '```',
    '```ts',
    'npm run not-a-command',
    '```',
  ].join('\n');
  expect(commandsIn('page', page).map(({ command, line }) => [line, command])).toEqual([
    [1, 'npm start'],
    [1, 'npx a b'],
    [3, 'npm run demo'],
    [4, 'npm test'],
  ]);
});
