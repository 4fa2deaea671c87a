import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Returns the HMAC-SHA256 of each body, in hex, as openssl computes it. */
export function opensslHmacs(bodies: readonly (Uint8Array | string)[], secret: string): string[] {
  return opensslMacs(bodies, Buffer.from(secret).toString('hex'));
}

/** The same for a secret of arbitrary bytes. */
export function opensslMacs(bodies: readonly (Uint8Array | string)[], secretHex: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-'));
  try {
    const names = bodies.map((body, place) => {
      writeFileSync(join(folder, String(place)), body);
      return String(place);
    });
    const printed = execFileSync(
      'openssl',
      ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${secretHex}`, ...names],
      {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    return printed
      .trim()
      .split('\n')
      .map((line) => line.slice(-64));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
