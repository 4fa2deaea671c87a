// Made by tools/embed-assets.ts from the files of assets/: change those.

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
  styles: `:root {
  color-scheme: light dark;
  --page: #ffffff;
  --panel: #f6f7f9;
  --line: #dfe3e8;
  --text: #16191d;
  --quiet: #5b6470;
  --link: #1d4ed8;
  --chosen: #e8effd;
  --good: #166534;
  --good-back: #dcfce7;
  --bad: #b42318;
  --bad-back: #fee4e2;
  --warn: #8a4b08;
  --warn-back: #fef0c7;
  --api: #5b21b6;
  --api-back: #ede9fe;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}

@media (prefers-color-scheme: dark) {
  :root {
    --page: #101215;
    --panel: #171a1f;
    --line: #2b3038;
    --text: #e7eaee;
    --quiet: #9aa4b1;
    --link: #8ab4ff;
    --chosen: #1c2a44;
    --good: #7ee2a0;
    --good-back: #12321f;
    --bad: #ff9d94;
    --bad-back: #451a17;
    --warn: #f7c66b;
    --warn-back: #3b2a0b;
    --api: #c4b5fd;
    --api-back: #2e1f55;
  }
}

* {
  box-sizing: border-box;
}

body {
  margin: 0;
  height: 100dvh;
  display: grid;
  grid-template-rows: auto minmax(0, 1fr);
  background: var(--page);
  color: var(--text);
  font:
    14px / 1.45 system-ui,
    sans-serif;
}

a {
  color: var(--link);
}

:focus-visible {
  outline: 2px solid var(--link);
  outline-offset: -2px;
}

code,
pre,
kbd,
.event,
.headers,
dd {
  font-family: var(--mono);
  font-size: 12.5px;
}

header {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  gap: 6px 18px;
  padding: 10px 16px;
  border-bottom: 1px solid var(--line);
  background: var(--panel);
}

header h1 {
  margin: 0;
  font-size: 17px;
}

header h1 a {
  color: inherit;
  text-decoration: none;
}

header > p {
  margin: 0;
  color: var(--quiet);
}

header .receiver {
  margin-left: auto;
}

#state::before {
  content: "";
  display: inline-block;
  width: 8px;
  height: 8px;
  margin-right: 6px;
  border-radius: 50%;
  background: var(--quiet);
}

#state.live::before {
  background: #22a559;
}

#state.lost::before {
  background: #d92d20;
}

#filter {
  flex-basis: 100%;
  display: flex;
  flex-wrap: wrap;
  gap: 8px 12px;
}

label {
  display: flex;
  align-items: center;
  gap: 6px;
  color: var(--quiet);
}

#filter .wide {
  flex: 1 1 220px;
}

input,
select,
button {
  font: inherit;
  color: var(--text);
  background: var(--page);
  border: 1px solid var(--line);
  border-radius: 6px;
  padding: 5px 9px;
  min-width: 0;
}

input {
  width: 100%;
}

button {
  flex: none;
  cursor: pointer;
}

/* The dashboard of an inbox: what stands above its list. */

.tiles {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(88px, 1fr));
  gap: 8px;
  margin: 0;
  padding: 12px 16px 0;
  list-style: none;
}

.tiles a {
  display: block;
  padding: 6px 8px;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--panel);
  color: var(--quiet);
  text-decoration: none;
}

.tiles a[aria-current] {
  border-color: var(--link);
  background: var(--chosen);
}

.tiles strong {
  display: block;
  font-size: 17px;
  font-variant-numeric: tabular-nums;
  color: var(--text);
}

.tiles .bad strong {
  color: var(--bad);
}

.sparkline {
  margin: 0;
  padding: 12px 16px;
}

.sparkline svg {
  display: block;
  width: 100%;
  height: 40px;
  border-bottom: 1px solid var(--line);
}

.sparkline .arrived {
  fill: var(--link);
  opacity: 0.55;
}

.sparkline .failed {
  fill: var(--bad);
}

.sparkline figcaption {
  color: var(--quiet);
}

.paused {
  margin: 0 16px 12px;
  padding: 8px 12px;
  border-radius: 6px;
  color: var(--warn);
  background: var(--warn-back);
}

.paused h2 {
  margin: 0 0 4px;
  font-size: 14px;
}

.paused ul {
  margin: 0;
  padding: 0;
  list-style: none;
}

.paused li {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  gap: 4px 12px;
}

.paused p {
  margin: 0;
  overflow-wrap: anywhere;
}

.controls {
  margin: 0;
  padding: 0 16px 12px;
  border-bottom: 1px solid var(--line);
}

.controls p {
  margin: 8px 0 0;
  color: var(--quiet);
}

.controls button {
  justify-self: start;
}

.hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}

/* The list and the open delivery. */

main {
  display: grid;
  grid-template-columns: minmax(320px, 2fr) minmax(0, 3fr);
  min-height: 0;
}

nav {
  overflow-y: auto;
  border-right: 1px solid var(--line);
}

#list {
  list-style: none;
  margin: 0;
  padding: 0;
}

#list a {
  display: grid;
  grid-template-columns: 62px 44px minmax(0, 1fr) auto;
  gap: 2px 8px;
  align-items: baseline;
  padding: 7px 16px;
  border-bottom: 1px solid var(--line);
  color: inherit;
  text-decoration: none;
}

[data-every] #list a {
  grid-template-columns: 76px 60px minmax(0, 1fr) auto;
}

#list a:hover {
  background: var(--panel);
}

#list a[aria-current] {
  background: var(--chosen);
  box-shadow: inset 3px 0 var(--link);
}

#list time {
  color: var(--quiet);
  font-variant-numeric: tabular-nums;
}

#list .event {
  grid-column: 3 / -1;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

#list .about {
  grid-column: 3;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  color: var(--quiet);
}

#list .error {
  grid-column: 3 / -1;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  color: var(--bad);
}

#list .notes {
  grid-column: 4;
  display: flex;
  flex-wrap: wrap;
  justify-content: end;
  gap: 6px;
}

#list .notes:empty {
  display: none;
}

.badge,
.note {
  border-radius: 5px;
  padding: 0 6px;
  font-size: 12px;
  font-variant-numeric: tabular-nums;
  background: var(--panel);
  color: var(--quiet);
  white-space: nowrap;
}

.badge {
  font-weight: 600;
  text-align: center;
}

.good {
  color: var(--good);
}

.badge.good,
.note.good,
.verdict.good {
  background: var(--good-back);
}

.bad {
  color: var(--bad);
}

.badge.bad,
.note.bad,
.verdict.bad {
  background: var(--bad-back);
}

.badge.api,
.note.api,
.verdict.api {
  color: var(--api);
  background: var(--api-back);
}

.note.warn,
.badge.warn,
.verdict.warn {
  color: var(--warn);
  background: var(--warn-back);
}

.pages {
  display: flex;
  gap: 16px;
  padding: 0 16px;
}

.pages:empty {
  display: none;
}

#empty {
  margin: 0;
  padding: 16px;
  color: var(--quiet);
}

#empty:empty {
  display: none;
}

#detail {
  overflow-y: auto;
  padding: 16px 20px 40px;
}

#detail h2 {
  margin: 0 0 10px;
  font-size: 18px;
  overflow-wrap: anywhere;
}

#detail h2 .event {
  font-size: 16px;
}

#detail h2 small {
  font-weight: 400;
  color: var(--quiet);
}

#detail h3 {
  margin: 22px 0 6px;
  font-size: 14px;
}

.back {
  display: none;
}

.verdict {
  margin: 0 0 10px;
  padding: 8px 12px;
  border-radius: 6px;
  background: var(--panel);
}

/* Not hidden while it is empty: screen readers read what is put into it. */
header .notice {
  flex-basis: 100%;
  padding: 8px 12px;
  border-radius: 6px;
  background: var(--chosen);
  color: var(--text);
  overflow-wrap: anywhere;
}

header .notice:empty {
  margin-top: -6px;
  padding: 0;
}

.actions {
  display: flex;
  flex-wrap: wrap;
  gap: 8px;
  margin: 0;
}

#detail .actions a {
  padding: 4px 10px;
  border: 1px solid var(--line);
  border-radius: 6px;
  text-decoration: none;
}

table {
  width: 100%;
  border-collapse: collapse;
}

th,
td {
  padding: 5px 10px 5px 0;
  border-bottom: 1px solid var(--line);
  text-align: left;
  vertical-align: top;
  overflow-wrap: anywhere;
}

th:first-child,
td:first-child,
.took {
  white-space: nowrap;
}

thead th {
  white-space: nowrap;
  color: var(--quiet);
  font-weight: 500;
}

.changes {
  table-layout: fixed;
}

.changes tbody th,
.changes td {
  font-family: var(--mono);
  font-size: 12.5px;
  font-weight: 400;
  white-space: pre-wrap;
}

.changes tbody th {
  color: var(--quiet);
}

.changes .quiet td {
  color: var(--quiet);
}

.changes .none {
  color: var(--quiet);
  font-style: italic;
}

del,
ins {
  text-decoration: none;
  border-radius: 3px;
  padding: 0 1px;
}

del {
  color: var(--bad);
  background: var(--bad-back);
}

ins {
  color: var(--good);
  background: var(--good-back);
}

dl {
  display: grid;
  grid-template-columns: max-content minmax(0, 1fr);
  gap: 3px 16px;
  margin: 0;
}

dt {
  color: var(--quiet);
}

dd {
  margin: 0;
  overflow-wrap: anywhere;
}

article form {
  display: flex;
  align-items: center;
  gap: 8px;
  margin-top: 10px;
}

article form label {
  white-space: nowrap;
}

details {
  margin-top: 14px;
}

summary {
  cursor: pointer;
  font-weight: 600;
}

.controls form {
  display: grid;
  gap: 8px;
}

article .actions form {
  margin: 0;
}

article .actions details {
  margin: 0;
  padding: 5px 0;
}

pre {
  overflow: auto;
  max-height: 60vh;
  margin: 8px 0;
  padding: 10px 12px;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--panel);
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}

.whole {
  max-height: none;
}

kbd {
  padding: 1px 6px;
  border: 1px solid var(--line);
  border-radius: 4px;
  background: var(--panel);
}

.hint {
  color: var(--quiet);
}

.hint dd {
  font: inherit;
}

@media (max-width: 760px) {
  header .receiver {
    display: none;
  }

  #filter label span {
    position: absolute;
    clip-path: inset(50%);
  }

  #filter label,
  #filter .wide {
    flex: 1 1 40%;
  }

  #filter select {
    width: 100%;
  }

  main {
    grid-template-columns: minmax(0, 1fr);
  }

  nav {
    border-right: 0;
  }

  #detail {
    display: none;
    padding: 12px 16px 40px;
  }

  .opened nav,
  .opened #filter {
    display: none;
  }

  .opened #detail {
    display: block;
  }

  .back {
    display: inline-block;
    margin-bottom: 10px;
  }

  .hint {
    display: none;
  }
}
`,
  script: `/** Updates the page without reloading it. Without this script, the page works with links and forms. */

const MAX_ROWS = 300;
/** What is loaded again when the page may have changed. */
const regions = ['counts', 'webhook', 'overview', 'list', 'empty', 'pages'];
const list = document.getElementById('list');
const detail = document.getElementById('detail');
const state = document.getElementById('state');
const notice = document.getElementById('notice');
const onNewestPage = !new URLSearchParams(location.search).has('before');
let opening = 0;

/** Parses markup of this page, which the server has escaped. */
function parse(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

/** Requests a part of a page. The header cannot be set by a page of another origin. */
const request = (address, options) => fetch(address, { headers: { 'x-fragment': '1' }, ...options });

const openKey = () => detail.querySelector('article')?.dataset.key;

function markOpen(key, rows = list) {
  for (const link of rows.querySelectorAll('a[aria-current]')) link.removeAttribute('aria-current');
  rows.querySelector(\`[data-key="\${CSS.escape(key ?? '')}"] a\`)?.setAttribute('aria-current', 'true');
}

/** Changes a part of the page. What had the focus has it afterwards, if it still exists. */
function keepingFocus(part, change) {
  const focused = part.contains(document.activeElement) ? document.activeElement.closest('[id]') : null;
  change();
  if (!focused || focused === part) return;
  const again = document.getElementById(focused.id);
  const target = again?.matches('a, button, input, summary, [tabindex]') ? again : again?.querySelector('a, button');
  target?.focus({ preventScroll: true });
}

function put({ key, html }) {
  const row = parse(html).firstElementChild;
  const known = document.getElementById(row.id);
  if (known) keepingFocus(list, () => known.replaceWith(row));
  else if (onNewestPage) {
    // In order, even if an older delivery matches the filter later.
    const after = [...list.children].find((other) => Number(other.dataset.key) < key);
    list.insertBefore(row, after ?? null);
    document.getElementById('empty').replaceChildren();
    while (list.children.length > MAX_ROWS) list.lastElementChild.remove();
  }
}

/** The current markup of the detail, which is not replaced by equal markup: that could swallow a click. */
let shown = '';

function show(html) {
  if (html === shown && openKey() !== undefined) return;
  shown = html;
  detail.replaceChildren(parse(html));
}

/** Opens a delivery next to the list. */
async function open(address) {
  const html = await load(address);
  if (html === undefined) return;
  show(html);
  say('');
  document.body.classList.add('opened');
  markOpen(openKey());
}

/** Loads the detail of a delivery, or nothing if another one was opened in the meantime. */
async function load(address) {
  opening += 1;
  const mine = opening;
  const response = await request(address);
  const html = await response.text();
  return response.ok && mine === opening ? html : undefined;
}

async function choose(link) {
  history.pushState(null, '', link.href);
  await open(link.href);
  detail.scrollTo(0, 0);
}

function say(text) {
  if (notice.textContent !== text) notice.textContent = text;
}

function close() {
  opening += 1;
  const key = openKey();
  document.body.classList.remove('opened');
  detail.replaceChildren();
  markOpen(undefined);
  const address = new URL(location.href);
  address.searchParams.delete('d');
  history.pushState(null, '', address);
  document.getElementById(\`row-\${key}\`)?.querySelector('a').focus();
}

/** The address of the page without what is open in it. */
function addressWithout(...names) {
  const address = new URL(location.href);
  for (const name of names) address.searchParams.delete(name);
  return address;
}

/** Renders the open delivery again, with the input, content and open sections that it had; not while the user types. */
async function refresh() {
  const key = openKey();
  if (key === undefined || detail.querySelector('input:focus')) return;
  const html = await load(addressWithout('body'));
  if (html === undefined || html === shown || openKey() !== key) return;
  const top = detail.scrollTop;
  const typed = [...detail.querySelectorAll('input[id]')].map(({ id, value }) => [id, value]);
  const sections = () => [...detail.querySelectorAll('details')];
  const nameOf = (section) => section.querySelector('summary').textContent;
  const unfolded = new Map(sections().map((section) => [nameOf(section), section.open]));
  const loaded = detail.querySelector('[data-loaded]');
  keepingFocus(detail, () => {
    show(html);
    for (const [id, value] of typed) {
      const input = document.getElementById(id);
      if (input) input.value = value;
    }
    if (loaded) document.getElementById(loaded.id)?.replaceWith(loaded);
    for (const section of sections()) section.open = unfolded.get(nameOf(section)) ?? section.open;
  });
  detail.scrollTop = top;
}

/** Loads the list and what stands above it again. Returns whether the server responded. */
async function sync() {
  const response = await fetch(addressWithout('d', 'body'));
  if (!response.ok) return false;
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  markOpen(openKey(), page.getElementById('list'));
  for (const id of regions) {
    const [now, next] = [document.getElementById(id), page.getElementById(id)];
    if (!now || !next || now.innerHTML === next.innerHTML) continue;
    keepingFocus(now, () => now.replaceChildren(...next.childNodes));
  }
  return true;
}

function showState(isLive) {
  const text = isLive ? 'live' : 'disconnected';
  if (state.textContent !== text) state.textContent = text;
  state.className = isLive ? 'live' : 'lost';
}

/** Follows the events of the server. */
function follow(address) {
  const events = new EventSource(\`\${address}\${location.search}\`);
  let lost = false;
  events.addEventListener('hello', () => {
    showState(true);
    if (lost) sync();
    lost = false;
  });
  events.addEventListener('rows', ({ data }) => {
    const { rows, counts } = JSON.parse(data);
    for (const row of rows.toReversed()) put(row);
    document.getElementById('counts').textContent = counts;
    markOpen(openKey());
    if (rows.some(({ key }) => String(key) === openKey())) refresh();
  });
  events.addEventListener('webhook', ({ data }) => document.getElementById('webhook')?.replaceWith(parse(data)));
  events.addEventListener('error', () => {
    lost = true;
    showState(false);
  });
}

/** Loads the page again and again, while it can be seen. */
async function poll(everyMs) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    if (document.hidden) continue;
    await update();
  }
}

async function update() {
  try {
    const [isLive] = await Promise.all([sync(), refresh()]);
    showState(isLive);
  } catch {
    showState(false);
  }
}

async function copy(link) {
  const text = await (await fetch(link.href)).text();
  const label = link.textContent;
  try {
    await navigator.clipboard.writeText(text);
    link.textContent = 'Copied';
  } catch {
    location.assign(link.href); // no permission: open it, to be copied by hand
    return;
  }
  setTimeout(() => {
    link.textContent = label;
  }, 1500);
}

/** Puts a part of another page in place of the same part of this one. */
async function loadInto(id, address) {
  const response = await request(address);
  const part = response.ok ? parse(await response.text()).getElementById(id) : null;
  if (!part) return say('It could not be loaded.');
  part.dataset.loaded = 'true';
  document.getElementById(id)?.replaceWith(part);
  part.focus({ preventScroll: true });
}

/** Posts a form and shows the answer. */
async function post(form) {
  try {
    const body = String(new URLSearchParams(new FormData(form)));
    const response = await request(form.action, { method: 'POST', body });
    say(await response.text());
    if (response.ok && !detail.contains(form)) {
      form.reset();
      form.closest('details')?.removeAttribute('open');
    }
  } catch {
    say('The server did not respond.');
  }
  await update();
}

document.addEventListener('click', async (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  const isRow = link.closest('#list') !== null;
  const { copy: copied, load: part } = link.dataset;
  if (!isRow && copied === undefined && part === undefined && link.className !== 'back') return;
  event.preventDefault();
  if (isRow) {
    await choose(link);
    document.getElementById('heading')?.focus({ preventScroll: true });
  } else if (copied !== undefined) copy(link);
  else if (part !== undefined) loadInto(part, link.href);
  else close();
});

document.addEventListener('submit', (event) => {
  if (event.target.method !== 'post') return;
  event.preventDefault();
  post(event.target);
});

document.getElementById('filter').addEventListener('change', (event) => {
  if (event.target.tagName === 'SELECT') event.currentTarget.requestSubmit();
});

window.addEventListener('popstate', () => {
  if (new URLSearchParams(location.search).has('d')) open(addressWithout('body'));
  else location.reload();
});

function step(by) {
  const links = [...list.querySelectorAll('a')];
  const at = links.findIndex((link) => link === document.activeElement || link.getAttribute('aria-current'));
  const next = links[at === -1 ? 0 : at + by];
  if (!next) return;
  next.focus();
  choose(next);
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  '/': () => document.querySelector('#filter [type="search"]').focus(),
  Escape: () => openKey() !== undefined && close(),
};

/** A key of the open delivery submits a form or follows a link. */
function shortcut(key) {
  const target = detail.querySelector(\`[data-shortcut="\${CSS.escape(key)}"]\`);
  if (!target) return undefined;
  return () => (target.tagName === 'FORM' ? target.requestSubmit() : target.click());
}

document.addEventListener('keydown', (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.target.matches('input, select, textarea')) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const does = Object.hasOwn(keys, event.key) ? keys[event.key] : shortcut(event.key);
  if (!does) return;
  event.preventDefault();
  does();
});

const { events, every } = document.body.dataset;
if (events === undefined) {
  showState(true);
  poll(Number(every));
} else follow(events);
`,
  icon: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><title>Deliveries</title><circle cx="8" cy="8" r="7" fill="#2563eb"/><path d="M4.5 8.2l2.4 2.4 4.6-5" fill="none" stroke="#fff" stroke-width="1.8"/></svg>
`,
};
