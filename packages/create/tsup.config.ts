import { defineConfig } from 'tsup';

/** A program and no library: one format, no declarations. */
export default defineConfig({
  entry: { main: 'src/main.ts' },
  format: 'esm',
  target: 'es2022',
  platform: 'node',
  clean: true,
  silent: true,
  removeNodeProtocol: false,
});
