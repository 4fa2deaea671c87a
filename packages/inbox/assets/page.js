/** Updates the page without reloading it. Without this script, the page works with links and forms. */

const MAX_ROWS = 300;
/** What is loaded again when the page may have changed. */
const regions = ['counts', 'overview', 'list', 'empty', 'pages'];
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
  rows.querySelector(`[data-key="${CSS.escape(key ?? '')}"] a`)?.setAttribute('aria-current', 'true');
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
  document.getElementById(`row-${key}`)?.querySelector('a').focus();
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
  const events = new EventSource(`${address}${location.search}`);
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
  const target = detail.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
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
