/** Embeds the files of `assets/` in `src/page/assets.ts`, so that bundles and other runtimes than Node have them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(import.meta.dirname, '..');
const files = { styles: 'page.css', script: 'page.js', icon: 'icon.svg' };

/** The module that embeds the assets, and its path. */
export const path = join(root, 'src/page/assets.ts');

/** Returns what the module should contain. */
export function embeddedAssets(): string {
  const embedded = Object.entries(files).map(([name, file]) => {
    const text = readFileSync(join(root, 'assets', file), 'utf8');
    return `  ${name}: \`${text.replace(/[\\`]|\$\{/g, '\\$&')}\`,\n`;
  });
  return `// Made by tools/embed-assets.ts from the files of assets/: change those.

/** The content of the assets of a page. */
export interface Assets {
  /** CSS. */
  readonly styles: string;
  /** An ES module. */
  readonly script: string;
  /** An SVG. */
  readonly icon: string;
}

/** The assets of a page: it works without the script, but does not update itself. */
export const assets: Assets = {
${embedded.join('')}};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(path, embeddedAssets());
