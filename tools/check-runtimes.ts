/**
 * `npm run check:long -- runtimes`: installs the packed packages outside the workspace, with the newest and the oldest frameworks of
 * the peer ranges, runs the conformance suite on every runtime, and compiles a user's code with every compiler.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signedDelivery } from '@blue-webhooks/testing';
import { compile, matrixCompilers, resolutionsOf, workspaceCompiler } from './compilers';
import { packAll } from './pack';
import { installMatrix, matrixRuntimes, thisNode, workspaceRuntimes } from './runtimes';
import { createScratch, oldestFrameworks } from './scratch';
import { table } from './table';
import { conformOn, report, type Trial } from './trial';
import { serveWorker } from './workerd';

/** Hono's newest declarations need `Uint8Array` with a type parameter. */
const FIRST_WITH_GENERIC_ARRAYS = 5.7;

/** Bundles the Worker example as wrangler does, with the installed core, and sends it a genuine and a forged delivery. */
async function tryExample(scratch: string): Promise<void> {
  const secret = 'the secret of the Worker';
  const entry = join(scratch, 'example-worker.ts');
  const worker = await serveWorker({ entry, bindings: { BLUE_WEBHOOK_SECRET: secret } });
  try {
    for (const [signedWith, expected] of [
      [secret, 204],
      ['another', 401],
    ] as const) {
      const delivery = await signedDelivery('TODO_CREATED', { secret: signedWith });
      const { status } = await fetch(worker.url, { method: 'POST', ...delivery });
      if (status !== expected) throw new Error(`The Worker example responds with ${status} instead of ${expected}.`);
    }
  } finally {
    await worker.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-'));
try {
  const [packed] = await Promise.all([packAll(join(folder, 'tarballs')), installMatrix()]);
  const newest = await createScratch(join(folder, 'newest'), packed);
  const oldest: string[] = [];

  const trials: Trial[] = [];
  for (const runtime of [...workspaceRuntimes, ...matrixRuntimes]) trials.push(await conformOn(runtime, newest));
  for (const { express, hono, ...types } of oldestFrameworks(packed)) {
    const scratch = await createScratch(join(folder, `express-${express}`), packed, { express, hono, ...types });
    trials.push(await conformOn({ ...thisNode, name: `${thisNode.name}, Express ${express}, Hono ${hono}` }, scratch));
    oldest.push(scratch);
  }
  report(trials);
  await tryExample(newest);
  console.log('\nworkerd serves the Worker example: 204 for a genuine delivery, 401 for a forgery.\n');

  const rows = [['TypeScript, skipLibCheck off', 'resolution', 'compiles']];
  for (const compiler of [workspaceCompiler(), ...matrixCompilers()]) {
    const [scratch = newest] = Number.parseFloat(compiler.version) < FIRST_WITH_GENERIC_ARRAYS ? oldest : [];
    for (const resolution of resolutionsOf(compiler)) {
      const error = await compile(compiler, resolution, scratch).catch(String);
      rows.push([compiler.version, resolution, error ? 'no' : 'yes']);
      if (!error) continue;
      console.error(error);
      process.exitCode = 1;
    }
  }
  console.log(table(rows));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
