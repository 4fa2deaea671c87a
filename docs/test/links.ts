import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the links of the site's pages that lead nowhere, not even within a page. `folder` has the site's other files. */
export function deadLinks(html: ReadonlyMap<string, string>, folder: string): string[] {
  const dead: string[] = [];
  for (const [path, text] of html) {
    for (const [, href = ''] of text.matchAll(/<(?:a|img)\b[^>]* (?:href|src)="([^"]*)"/g)) {
      if (/^(https?|mailto|data):/.test(href)) continue;
      const { pathname, hash } = new URL(href, `http://site/${path}`);
      const target = decodeURIComponent(pathname.slice(1)).replace(/(^|\/)$/, '$1index.html');
      const anchor = decodeURIComponent(hash.slice(1));
      const found =
        html.get(target)?.includes(anchor && `id="${anchor}"`) ?? (!hash && existsSync(join(folder, target)));
      if (!found) dead.push(`${path}: ${href}`);
    }
  }
  return dead;
}
