import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The path of an inbox's file, in a folder that goes when the test is over. */
export function scratchFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'inbox.db');
}
