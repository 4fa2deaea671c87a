import { DriverError, kindOf, notify, readBody, requireFunctions, toRawDelivery } from '@blue-webhooks/core/adapter';
import { type FullInboxDelivery, factsOf } from '../delivery';
import type { Inbox } from '../inbox';
import { refusalOf } from '../page/guard';
import type { Markup } from '../page/markup';
import type { InboxPage } from '../store';
import { StoreError } from '../store-error';
import { type DashboardAuthorization, type Visitor, visitorOf } from './access';
import { createActions } from './actions';
import type { Audit, DashboardAudit } from './audit';
import { contentOf } from './content';
import { detailOf } from './detail';
import { rulesOf } from './hosts';
import { pageOf } from './page';
import { previousOf } from './previous';
import { createRecent } from './recent';
import { assetResponse, page, text } from './responses';
import { type View, viewOf } from './view';

/** Options of a dashboard. `Context` is what is passed to `fetch` after the request, such as Express's `req`. */
export interface DashboardOptions<Context extends readonly unknown[] = readonly unknown[]> {
  /**
   * Returns what a visitor may do: `'look'`, `'act'`, `{ role, who, bodies }`, or `undefined` for nothing, which is answered 403.
   * Called for every request. If it throws, the answer is 500.
   */
  readonly authorize: (
    request: Request,
    ...context: Context
  ) => DashboardAuthorization | Promise<DashboardAuthorization>;
  /**
   * The hosts at which browsers reach the dashboard, such as `'ops.example.com'`, with the port if it is not the scheme's. Requests
   * for other names are answered 403, except for `localhost` and IP addresses. Defaults to none.
   */
  readonly hosts?: readonly string[] | undefined;
  /** Called with each body that is shown and each action, before it happens. If it throws, it does not happen. Awaited. */
  readonly onAudit?: ((audited: DashboardAudit) => unknown) | undefined;
  /** Called with what `authorize`, `onAudit` or the store threw; the visitor sees none of it. Not awaited; what it throws is ignored. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
}

/** A page over an inbox. */
export interface Dashboard<Context extends readonly unknown[] = readonly unknown[]> {
  /** Answers a Fetch request, under whatever path. Passes what follows the request on to `authorize`. Needs no `this`. */
  fetch(request: Request, ...context: Context): Promise<Response>;
}

const PAGE_LENGTH = 50;
/** A reason of 1,000 characters, percent-encoded. */
const FORM_LIMITS = { maxBodyBytes: 32_768, bodyTimeoutMs: 5_000 };

/**
 * Creates a page that shows an inbox, and lets those who may replay deliveries, mark them as dead, pause and resume.
 *
 * @example
 * const dashboard = inboxDashboard(inbox, {
 *   authorize: async (request) => roleOf(await sessionOf(request.headers.get('cookie'))),
 *   hosts: ['ops.example.com'],
 * });
 * app.use('/ops/blue', blueDashboard(dashboard)); // of @blue-webhooks/express or @blue-webhooks/hono
 * @throws TypeError without `authorize`, and for other invalid options
 */
export function inboxDashboard<Context extends readonly unknown[] = readonly unknown[]>(
  inbox: Inbox,
  options: DashboardOptions<Context>,
): Dashboard<Context> {
  requireInbox(inbox);
  const { authorize, hosts, onAudit, onError } = (options ?? {}) as Partial<DashboardOptions<Context>>;
  if (typeof authorize !== 'function') {
    throw new TypeError(
      `inboxDashboard needs authorize, got ${kindOf(authorize)}: pass a function that returns 'look', 'act' or undefined for a request, such as authorize: (request) => (isAdmin(request) ? 'act' : undefined).`,
    );
  }
  requireFunctions({ onAudit, onError });
  const rules = rulesOf(hosts);
  const act = createActions(inbox);
  const recentOf = createRecent(inbox);

  const auditOf =
    ({ who }: Visitor): Audit =>
    async (action) => {
      await onAudit?.({ ...action, who, at: new Date() });
    };

  async function respond(request: Request, visitor: Visitor): Promise<Response> {
    if (request.method === 'POST') return post(request, visitor);
    const parameters = new URL(request.url).searchParams;
    const asset = parameters.get('asset');
    if (asset !== null) return assetResponse(asset);
    const view = viewOf(parameters);
    const open = view.open === undefined ? undefined : await inbox.get(view.open);
    const showsBody = visitor.maySeeBodies && isFromPage(request);
    if (parameters.has('raw')) {
      if (!open || !showsBody) return text(open ? 403 : 404, open ? 'Forbidden.' : 'Delivery not found.');
      await auditOf(visitor)({ type: 'view-body', delivery: factsOf(open) });
      return text(200, open.rawBody);
    }
    const detail = open && (await shownDetail(open, view, visitor, showsBody && parameters.has('body')));
    if (request.headers.get('x-fragment') !== null) return detail ? page(detail) : text(404, 'Delivery not found.');
    const reading = [inbox.stats(), inbox.paused(), listOf(view), recentOf()] as const;
    const [stats, paused, list, recent] = await Promise.all(reading);
    return page(pageOf({ stats, paused, recent, list, view, visitor, detail }));
  }

  async function shownDetail(
    delivery: FullInboxDelivery,
    view: View,
    visitor: Visitor,
    withContent: boolean,
  ): Promise<Markup> {
    const { mayAct, maySeeBodies } = visitor;
    let content: Markup | undefined;
    if (withContent) {
      const audit = auditOf(visitor);
      const previous = await previousOf(inbox, delivery);
      await audit({ type: 'view-body', delivery: factsOf(delivery) });
      if (previous) await audit({ type: 'view-body', delivery: factsOf(previous) });
      content = contentOf(delivery, previous, view);
    }
    return detailOf({ delivery, view: { ...view, open: delivery.id }, mayAct, maySeeBodies, content });
  }

  /** A cursor can be of another store: the first page is shown then. */
  async function listOf({ state, event, entityId, before }: View): Promise<InboxPage> {
    const query = { state, event, entityId, limit: PAGE_LENGTH };
    if (before === undefined) return inbox.list(query);
    return inbox.list({ ...query, cursor: before }).catch((error: unknown) => {
      if (error instanceof TypeError) return inbox.list(query);
      throw error;
    });
  }

  async function post(request: Request, visitor: Visitor): Promise<Response> {
    if (!visitor.mayAct) return text(403, 'Forbidden: your role may look only.');
    let form: URLSearchParams;
    try {
      const bytes = await readBody(toRawDelivery(request), FORM_LIMITS);
      form = new URLSearchParams(new TextDecoder().decode(bytes));
    } catch {
      return text(400, 'The form could not be read.');
    }
    const { status, notice } = await act(form, visitor, auditOf(visitor));
    return text(status, notice);
  }

  return {
    async fetch(request, ...context) {
      const refusal = refusalOf(request, rules);
      if (refusal !== undefined) return text(403, refusal);
      const { method, headers } = request;
      if (!['GET', 'HEAD', 'POST'].includes(method)) {
        return text(405, 'Method not allowed.', { allow: 'GET, HEAD, POST' });
      }
      if (method === 'POST' && headers.get('x-fragment') === null) {
        return text(403, 'Forbidden: actions need the script of the page.');
      }
      try {
        const visitor = visitorOf(await authorize(request, ...context));
        return visitor ? await respond(request, visitor) : text(403, 'Forbidden.');
      } catch (error) {
        notify(undefined, onError, error);
        const isStore = StoreError.is(error) || DriverError.is(error);
        return isStore ? text(503, 'The store of the inbox failed.') : text(500, 'The dashboard failed.');
      }
    },
  };
}

/** Returns whether a request was made by the page, or typed: a link of another site shows no body, since each view is audited. */
const isFromPage = ({ headers }: Request): boolean =>
  ['same-origin', 'none', null].includes(headers.get('sec-fetch-site'));

/** @throws TypeError unless it is an inbox */
function requireInbox(inbox: unknown): void {
  const methods = ['stats', 'list', 'get', 'replay', 'markDead', 'pause', 'resume', 'paused'];
  const missing = methods.find((name) => typeof (inbox as Record<string, unknown> | undefined)?.[name] !== 'function');
  if (missing === undefined) return;
  throw new TypeError(`inbox.${missing} must be a function: pass what createInbox or bullmqInbox returns.`);
}
