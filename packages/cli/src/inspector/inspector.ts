import type { Inbox } from '@blue-webhooks/inbox';
import { assets, isLoopback, type Markup, securityHeaders } from '@blue-webhooks/inbox/page';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { parsed } from '../listen/claims';
import { forwardTo, isAccepted } from '../listen/forward';
import type { FullDelivery, Journal } from '../listen/journal';
import { curlOf } from './curl';
import { detailOf, type ShownDetail } from './detail';
import { guard } from './guard';
import { Live } from './live';
import { countsText, pageOf } from './page';
import { rowOf } from './row';
import { seqOf, type View, viewOf } from './view';

export interface InspectorOptions {
  readonly journal: Journal;
  readonly inbox: Inbox;
  /** The app that deliveries are replayed to. */
  readonly forward: URL | undefined;
  /** The URL of the receiver. */
  readonly receiverUrl: string;
  /** The address of the page. */
  readonly host: string;
}

const PAGE_LENGTH = 100;

/** Creates the page that shows deliveries. It is rendered on the server; a small script updates it. */
export function createInspector({ journal, inbox, forward, receiverUrl, host }: InspectorOptions) {
  const live = new Live(journal);
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value);
  });
  app.use(guard(host));

  for (const [path, type, content] of [
    ['page.css', 'text/css', assets.styles],
    ['page.js', 'text/javascript', assets.script],
    ['icon.svg', 'image/svg+xml', assets.icon],
  ] as const) {
    app.get(`/${path}`, (c) => c.body(content, 200, { 'content-type': `${type}; charset=utf-8` }));
  }

  app.get('/', async (c) => {
    const view = viewOf((name) => c.req.query(name));
    const isFragment = c.req.header('x-fragment') !== undefined;
    if (!isFragment) return c.html(String(await page(view)));
    const found = view.open === undefined ? undefined : journal.get(view.open);
    return found ? c.html(String(detailOf(await shownDetail(found, view)))) : gone(c);
  });

  app.get('/live', (c) => {
    const view = viewOf((name) => c.req.query(name));
    return streamSSE(c, (stream) =>
      live.follow(stream, view.filter, (deliveries) =>
        JSON.stringify({
          rows: deliveries.map((delivery) => ({ key: delivery.seq, html: String(rowOf(delivery, view)) })),
          counts: countsText(journal.counts()),
        }),
      ),
    );
  });

  app.get('/deliveries/:seq/body', (c) => {
    const found = delivery(c);
    return found ? plain(c, found.body) : gone(c);
  });

  app.get('/deliveries/:seq/curl', (c) => {
    const found = delivery(c);
    return found ? plain(c, curlOf(forward?.href ?? receiverUrl, found.headers, found.body)) : gone(c);
  });

  app.get('/deliveries/:seq/fixture', (c) => {
    const found = delivery(c);
    const payload = found && parsed(found.body);
    return payload ? plain(c, `${JSON.stringify(payload, null, 2)}\n`) : gone(c);
  });

  app.post('/deliveries/:seq/replay', async (c) => {
    const found = delivery(c);
    if (!found) return gone(c);
    const target = new URLSearchParams(await c.req.text()).get('target') ?? '';
    const { notice, status } = await replay(found, target);
    if (c.req.header('x-fragment') !== undefined) return c.text(notice, status);
    return c.html(String(await page({ filter: {}, open: found.seq }, notice)), status);
  });

  async function replay(found: FullDelivery, typed: string): Promise<{ notice: string; status: 200 | 400 }> {
    const target = URL.canParse(typed) ? new URL(typed) : undefined;
    if (!target || !/^https?:$/.test(target.protocol) || target.username !== '' || target.password !== '') {
      return { notice: 'Not a valid URL. Example: http://localhost:3000/webhooks/blue.', status: 400 };
    }
    if (!isLoopback(target.hostname) && target.href !== forward?.href) {
      const notice = 'Deliveries are replayed to this machine or to the URL of --forward only.';
      return { notice, status: 400 };
    }
    const forwarding = await forwardTo(journal, found, { target, replay: true });
    const answer =
      forwarding.error === undefined ? `response ${forwarding.status}` : `no response: ${forwarding.error}`;
    return {
      notice: `Replayed to ${target.href}: ${answer}${isAccepted(forwarding) ? '' : ', which is a failure'}.`,
      status: 200,
    };
  }

  async function page(view: View, notice?: string): Promise<Markup> {
    const found = journal.list(view.filter, PAGE_LENGTH + 1);
    const open = view.open === undefined ? undefined : journal.get(view.open);
    return pageOf({
      deliveries: found.slice(0, PAGE_LENGTH),
      more: found.length > PAGE_LENGTH,
      counts: journal.counts(),
      events: journal.events(),
      receiverUrl,
      view,
      detail: open && (await shownDetail(open, view)),
      notice,
    });
  }

  async function shownDetail(found: FullDelivery, view: View): Promise<ShownDetail> {
    const entry = found.accepted ? await inbox.get(found.key) : undefined;
    return { delivery: found, entry, forward, view: { ...view, open: found.seq } };
  }

  function delivery(c: Context): FullDelivery | undefined {
    const seq = seqOf(c.req.param('seq'));
    return seq === undefined ? undefined : journal.get(seq);
  }

  return { fetch: app.fetch, close: () => live.close() };
}

const gone = (c: Context) => c.text('Delivery not found.', 404);

/** Responds with plain text, whatever the content is. */
function plain(c: Context, content: string | Uint8Array): Response {
  const body = typeof content === 'string' ? content : Uint8Array.from(content).buffer;
  return c.body(body, 200, { 'content-type': 'text/plain; charset=utf-8' });
}
