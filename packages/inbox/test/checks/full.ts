import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { claim, inFolder, say } from './say';

/** Fills a real file system of 2 MB, in memory. */
export async function full(): Promise<void> {
  await inFolder(async (folder) => {
    const script = fileURLToPath(new URL('full-disk.ts', import.meta.url));
    const node = `"${process.execPath}" --conditions @blue-webhooks/source --import tsx "${script}" "${folder}"`;
    const mounted = `mount -t tmpfs -o size=2m none "${folder}" || exit 77; exec ${node}`;
    // In a namespace of its own if this user may not mount.
    const rootless = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
    const { status } = spawnSync('unshare', [...rootless, '--mount', 'sh', '-c', mounted], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    if (status === null || status === 77) return say('  skipped: no tmpfs can be mounted here');
    claim('a full disk is answered 503, and loses no delivery', status === 0);
  });
}
