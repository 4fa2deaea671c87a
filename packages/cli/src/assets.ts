import { readFileSync } from 'node:fs';

/** Returns a file that is served as it is. `assets/` is one folder up from `src` and from `dist`. */
export function asset(name: 'inspector.css' | 'inspector.js' | 'icon.svg'): string {
  return readFileSync(new URL(`../assets/${name}`, import.meta.url), 'utf8');
}
