import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Returns a path for an inbox's file, in a folder that is deleted after the test. */
export function scratchFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'inbox.db');
}
