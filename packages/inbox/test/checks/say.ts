import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** @throws Error unless the claim holds */
export function claim(claimed: string, holds: boolean): void {
  say(`  ${holds ? 'yes' : 'NO '}  ${claimed}`);
  if (!holds) throw new Error(`Assertion failed: ${claimed}.`);
}

/** Runs the work in a folder that is deleted afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns the value below which that share of all values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
