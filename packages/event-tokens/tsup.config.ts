import { copyFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { defineConfig } from 'tsup';
import { library } from '../../tools/config/tsup';

/** Copies the licence of jose beside the CommonJS file, which contains jose. Named LICENSE, it would keep pnpm from adding ours. */
async function copyLicence(): Promise<void> {
  const jose = dirname(createRequire(import.meta.url).resolve('jose/package.json'));
  await copyFile(join(jose, 'LICENSE.md'), 'dist/jose.notice.md');
}

export default defineConfig(async () => {
  const options = { ...library({ index: 'src/index.ts' }), clean: false };
  await rm('dist', { recursive: true, force: true }); // here, since the two builds run side by side
  return [
    { ...options, format: ['esm'] },
    {
      ...options,
      format: ['cjs'],
      // jose is published as ES modules alone, which neither Jest nor Node before 20.19 can require.
      noExternal: ['jose'],
      splitting: false, // which would pass the file through a compiler that breaks jose's classes
      banner: { js: '/*! Contains jose, MIT License, Copyright (c) 2018 Filip Skokan: see jose.notice.md. */' },
      onSuccess: copyLicence,
    },
  ];
});
