import { readFileSync } from 'node:fs';

/** A file that the browser gets as it is. From `src` and from `dist` alike, it is one folder up. */
export function asset(name: 'inspector.css' | 'inspector.js' | 'icon.svg'): string {
  return readFileSync(new URL(`../assets/${name}`, import.meta.url), 'utf8');
}
