import { type Content, html, type Markup } from './markup';
import { printable } from './printable';

/** Where a page's assets are: `assets` has their content. */
export interface AssetAddresses {
  readonly styles: string;
  readonly script: string;
  readonly icon: string;
}

/** What a page consists of. */
export interface Frame {
  readonly title: string;
  readonly heading: string;
  /** The address of the page without a filter. */
  readonly home: string;
  readonly assets: AssetAddresses;
  /** How the page is kept current: by the events of this address, or by loading it again after this many milliseconds. */
  readonly updates: { readonly eventsFrom: string } | { readonly everyMs: number };
  /** How many deliveries there are. */
  readonly counts: string;
  /** What the header shows in addition. */
  readonly aside?: Content;
  /** The form that filters the list. */
  readonly filter: Markup;
  /** What stands above the list, and is kept current. */
  readonly overview?: Content;
  /** What stands above the list, and is not: forms. */
  readonly controls?: Content;
  readonly rows: readonly Markup[];
  /** What is shown in place of rows. */
  readonly empty: string;
  /** Links to other pages of the list. */
  readonly pages: Content;
  /** The open delivery; `undefined` if none is open. */
  readonly detail: Markup | undefined;
  /** The result of what was just requested. */
  readonly notice?: string | undefined;
  /** The keys that the script handles, and what each does. */
  readonly keys: readonly (readonly [key: string, other: string | undefined, does: string])[];
}

/** Renders a page that lists deliveries and shows one of them. */
export function frameOf(frame: Frame): Markup {
  const {
    title,
    heading,
    home,
    assets,
    updates,
    counts,
    aside,
    filter,
    overview,
    controls,
    rows,
    empty,
    pages,
    detail,
  } = frame;
  const live =
    'eventsFrom' in updates ? html`data-events="${updates.eventsFrom}"` : html`data-every="${updates.everyMs}"`;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="${assets.styles}">
<link rel="icon" type="image/svg+xml" href="${assets.icon}">
<script type="module" src="${assets.script}"></script>
</head>
<body ${live}${detail ? html` class="opened"` : ''}>
<header>
<h1><a href="${home}">${heading}</a></h1>
<p id="counts">${counts}</p>
<p id="state" role="status">reload to see new deliveries</p>
${aside}
${filter}
<p id="notice" class="notice" role="status">${printable(frame.notice ?? '', 300)}</p>
</header>
<main>
<nav aria-label="Deliveries">
${overview && html`<div id="overview">${overview}</div>`}
${controls}
<ol id="list">
${rows}</ol>
<p id="empty">${rows.length === 0 ? empty : ''}</p>
<p id="pages" class="pages">${pages}</p>
</nav>
<div id="detail">${detail ?? hint(frame.keys)}</div>
</main>
</body>
</html>`;
}

function hint(keys: Frame['keys']): Markup {
  return html`<div class="hint">
<p>Select a delivery to see what it changed.</p>
<dl>
${keys.map(
  ([one, other, does]) =>
    html`<dt><kbd>${one}</kbd>${other ? html` <kbd>${other}</kbd>` : ''}</dt><dd>${does}</dd>
`,
)}</dl>
</div>`;
}

/** Renders an option of a `select`. */
export const option = (value: string, label: string, isSelected: boolean): Markup =>
  html`<option value="${value}"${isSelected ? html` selected` : ''}>${label}</option>`;

/** Renders facts as a list of terms. Those without a value are left out. */
export const facts = (rows: readonly (readonly [term: string, value: Content])[]): Markup =>
  html`<dl>
${rows.map(([term, value]) =>
  value === undefined
    ? ''
    : html`<dt>${term}</dt><dd>${value}</dd>
`,
)}</dl>`;
