/** Updates the page without reloading it. Without this script, the page works with links and forms. */

const MAX_ROWS = 300;
const list = document.getElementById('list');
const detail = document.getElementById('detail');
const state = document.getElementById('state');
const onNewestPage = !new URLSearchParams(location.search).has('before');
let opening = 0;

/** Parses markup of this page, which the server has escaped. */
function parse(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

const openSeq = () => detail.querySelector('article')?.dataset.seq;

function markOpen(seq) {
  for (const link of list.querySelectorAll('a[aria-current]')) link.removeAttribute('aria-current');
  list.querySelector(`[data-seq="${CSS.escape(seq ?? '')}"] a`)?.setAttribute('aria-current', 'true');
}

function put({ seq, html }) {
  const row = parse(html).firstElementChild;
  const known = document.getElementById(row.id);
  const focused = known?.contains(document.activeElement);
  if (known) known.replaceWith(row);
  else if (onNewestPage) {
    // In order, even if an older delivery matches the filter later.
    const after = [...list.children].find((other) => Number(other.dataset.seq) < seq);
    list.insertBefore(row, after ?? null);
    document.getElementById('empty')?.remove();
    while (list.children.length > MAX_ROWS) list.lastElementChild.remove();
  }
  if (focused) row.querySelector('a').focus();
}

/** The current markup of the detail, which is not replaced by equal markup: that could swallow a click. */
let shown = '';

function show(html) {
  if (html === shown && openSeq() !== undefined) return;
  shown = html;
  detail.replaceChildren(parse(html));
}

/** Opens a delivery next to the list. */
async function open(seq) {
  const html = await load(seq);
  if (html === undefined) return;
  show(html);
  document.body.classList.add('opened');
  markOpen(seq);
}

/** Loads the detail of a delivery, or nothing if another one was opened in the meantime. */
async function load(seq) {
  opening += 1;
  const mine = opening;
  const response = await fetch(`/deliveries/${seq}${addressWith(seq).search}`);
  const html = await response.text();
  return response.ok && mine === opening ? html : undefined;
}

function addressWith(seq) {
  const address = new URL(location.href);
  address.searchParams.set('d', seq);
  return address;
}

async function choose(seq) {
  history.pushState(null, '', addressWith(seq));
  await open(seq);
  detail.scrollTo(0, 0);
}

function say(text) {
  const notice = detail.querySelector('.notice') ?? document.createElement('p');
  notice.className = 'notice';
  notice.setAttribute('role', 'status');
  notice.textContent = text;
  detail.querySelector('.verdict').after(notice);
  notice.scrollIntoView({ block: 'nearest' });
}

function close() {
  opening += 1;
  const seq = openSeq();
  document.body.classList.remove('opened');
  detail.replaceChildren();
  markOpen(undefined);
  const address = new URL(location.href);
  address.searchParams.delete('d');
  history.pushState(null, '', address);
  document.querySelector(`#row-${CSS.escape(seq ?? '')} a`)?.focus();
}

/** Renders the open delivery again, with the input, notice and open sections that it had; not while the user types. */
async function refresh() {
  const seq = openSeq();
  if (seq === undefined || detail.querySelector('input:focus')) return;
  const html = await load(seq);
  if (html === undefined || html === shown || openSeq() !== seq) return;
  const top = detail.scrollTop;
  const target = detail.querySelector('#target').value;
  const notice = detail.querySelector('.notice');
  const unfolded = [...detail.querySelectorAll('details')].map((part) => part.open);
  show(html);
  for (const [place, part] of [...detail.querySelectorAll('details')].entries()) {
    part.open = unfolded[place] ?? part.open;
  }
  if (notice) detail.querySelector('.verdict').after(notice);
  detail.querySelector('#target').value = target;
  detail.scrollTop = top;
}

/** Replaces the line about the webhook's state, if the page has one. */
function showWebhook(line) {
  if (line) document.getElementById('webhook')?.replaceWith(line);
}

function follow() {
  const events = new EventSource(`/live${location.search}`);
  let lost = false;
  events.addEventListener('hello', async () => {
    state.textContent = 'live';
    state.className = 'live';
    if (!lost) return;
    lost = false;
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    list.replaceChildren(...page.getElementById('list').children);
    showWebhook(page.getElementById('webhook'));
    markOpen(openSeq());
  });
  events.addEventListener('rows', ({ data }) => {
    const { rows, counts } = JSON.parse(data);
    for (const row of rows.toReversed()) put(row);
    document.getElementById('counts').textContent = counts;
    markOpen(openSeq());
    if (rows.some(({ seq }) => String(seq) === openSeq())) refresh();
  });
  events.addEventListener('webhook', ({ data }) => showWebhook(parse(data)));
  events.addEventListener('error', () => {
    lost = true;
    state.textContent = 'disconnected';
    state.className = 'lost';
  });
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

async function replay(form) {
  const { value } = form.elements.target;
  const body = new URLSearchParams(new FormData(form));
  const response = await fetch(form.action, { method: 'POST', body, headers: { 'x-fragment': '1' } });
  opening += 1;
  show(await response.text());
  detail.querySelector('#target').value = value;
  say(decodeURIComponent(response.headers.get('x-notice')));
}

document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  const row = link.closest('#list li');
  if (row) choose(row.dataset.seq);
  else if (link.dataset.copy) copy(link);
  else if (link.className === 'back') close();
  else return;
  event.preventDefault();
});

document.addEventListener('submit', (event) => {
  if (!event.target.closest('article')) return;
  event.preventDefault();
  replay(event.target);
});

document.getElementById('filter').addEventListener('change', (event) => {
  if (event.target.tagName === 'SELECT') event.currentTarget.requestSubmit();
});

window.addEventListener('popstate', () => {
  const seq = new URLSearchParams(location.search).get('d');
  if (seq) open(seq);
  else location.reload();
});

function step(by) {
  const links = [...list.querySelectorAll('a')];
  const at = links.findIndex((link) => link === document.activeElement || link.getAttribute('aria-current'));
  const next = links[at === -1 ? 0 : at + by];
  if (!next) return;
  next.focus();
  choose(next.closest('li').dataset.seq);
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  '/': () => document.querySelector('#filter [name="q"]').focus(),
  r: () => detail.querySelector('form')?.requestSubmit(),
  c: () => detail.querySelector('[data-copy="curl"]')?.click(),
  Escape: () => openSeq() !== undefined && close(),
};

document.addEventListener('keydown', (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.target.matches('input, select, textarea')) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const does = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
  if (!does) return;
  event.preventDefault();
  does();
});

follow();
