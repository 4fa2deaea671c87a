import { assets } from '../page/assets';
import { securityHeaders } from '../page/headers';
import type { Markup } from '../page/markup';

/** Responds with markup. */
export const page = (markup: Markup): Response => respond(200, String(markup), 'text/html');

/** Responds with plain text, whatever the content is. */
export const text = (status: number, content: string, headers: Readonly<Record<string, string>> = {}): Response =>
  respond(status, content, 'text/plain', headers);

const types: Readonly<Record<keyof typeof assets, string>> = {
  styles: 'text/css',
  script: 'text/javascript',
  icon: 'image/svg+xml',
};

/** Responds with an asset of the page. */
export function assetResponse(name: string): Response {
  if (!Object.hasOwn(types, name)) return text(404, 'Not found.');
  const known = name as keyof typeof types;
  return respond(200, assets[known], types[known]);
}

function respond(status: number, body: string, type: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, {
    status,
    headers: { ...securityHeaders, ...headers, 'content-type': `${type}; charset=utf-8` },
  });
}
