import { html, type Markup } from './markup';
import { legible } from './printable';

const MAX_SHOWN = 200_000;

/** The body of a delivery. */
export interface ShownBody {
  readonly text: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** Its JSON object; `undefined` if it is not one. */
  readonly payload: object | undefined;
  /** Where the whole body is, for one that is too long to be shown. */
  readonly href: string;
}

/** Renders a body, formatted and as it arrived. */
export function bodyOf({ text, bytes, payload, href }: ShownBody): Markup {
  const formatted = payload && bytes <= MAX_SHOWN ? formattedOf(payload) : undefined;
  return html`${
    formatted === undefined
      ? ''
      : html`<details open><summary>Body, formatted</summary>
<pre tabindex="0" role="region" aria-label="Body, formatted">${formatted}</pre></details>
`
  }<details${formatted === undefined ? html` open` : ''}><summary>Body, as it arrived (${bytes.toLocaleString('en')} bytes)</summary>
<pre tabindex="0" role="region" aria-label="Body, as it arrived">${legible(text.slice(0, MAX_SHOWN))}</pre>
${text.length > MAX_SHOWN ? html`<a href="${href}">Show all</a>` : ''}</details>`;
}

function formattedOf(payload: object): string | undefined {
  try {
    return legible(JSON.stringify(payload, null, 2));
  } catch {
    return undefined; // nested too deeply
  }
}
