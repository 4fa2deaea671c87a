import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scratchFile } from './scratch';

test('a process survives every argument of another type: libsql would end it', () => {
  const child = fileURLToPath(new URL('arguments/child.ts', import.meta.url));
  const args = ['--conditions', '@blue-webhooks/source', '--import', 'tsx', child, scratchFile()];
  const { status, signal, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, signal, last: stdout.trim().split('\n').at(-1) }).toEqual({
    status: 0,
    signal: null,
    last: 'alive',
  });
});
