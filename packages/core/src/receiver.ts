import { createAttempts, type LedgerUse, type Verdict } from './attempts';
import { createKeyring, type SecretOptions } from './authenticate';
import { changeId } from './change-id';
import { Deadline } from './deadline';
import type { Delivery, DeliveryHandler, Outcome, RawDelivery, StoredDelivery } from './delivery';
import { type AnyHandler, dispatch, type EventHandler, type HandlerOptions, Handlers, inProjects } from './dispatch';
import { Refusal, UnrecoverableError, WebhookError } from './errors';
import { allEventNames, type BlueEvent, type EventName, type EventOf, isEventName, type UnknownEvent } from './events';
import { aliasedName } from './events/aliases';
import { type FetchRequest, toRawDelivery, toResponse } from './fetch';
import { afterTheDeadline, type HandlerFailure, handlerFailureOf, postponementOf } from './handler-failure';
import { named } from './handler-name';
import { type DeliveryContext, type Hooks, notify, requireFunctions } from './hooks';
import { type LimitOptions, limit, limitsOf, MAX_TIMER_MS } from './limits';
import { toOutcome } from './outcome';
import { parseVerified } from './parse';
import { proceed } from './proceed';
import { type DispatchProgress, remaining } from './progress';
import { SELF_TEST_TIMEOUT_MS, type SelfTestOptions, type SelfTestTarget, sendSelfTest } from './self-test';
import { accepted, createVerifier, type Verifier } from './verifier';
import { keepAlive, type WaitUntil, type WaitUntilOption } from './wait-until';

/** Which deliveries a receiver handles. */
export interface ProjectOption {
  /**
   * The ids of the workspaces whose events are handled. Defaults to all workspaces. An event that is known to belong to
   * another one is acknowledged and not handled; an event that names no workspace is handled.
   */
  readonly projects?: readonly string[] | undefined;
}

/** What identifies a delivery. */
export interface DedupeOption {
  /**
   * `'delivery'`: a delivery is identified by its bytes. `'change'`: by what it reports, without `webhook`, so that the
   * deliveries of two webhooks about one change have one `delivery.id`, and a ledger or an inbox handles them once: for a
   * rotation. See `changeId` for the changes that this can lose. Defaults to `'delivery'`.
   */
  readonly dedupe?: 'delivery' | 'change' | undefined;
}

/** How events are named. */
export interface AliasOption {
  /**
   * Whether an event that comes under the newer name of records, such as `RECORD_MOVED`, is the event of the name that this version
   * knows, `TODO_MOVED`; it is reported as drift of `event`. Defaults to true. With false it is `UNKNOWN`.
   */
  readonly aliases?: boolean | undefined;
}

/** The options of a receiver: secrets, limits, hooks, a ledger, and which deliveries and events it handles. */
export type ReceiverOptions = SecretOptions &
  LimitOptions &
  Hooks &
  WaitUntilOption &
  LedgerUse &
  ProjectOption &
  DedupeOption &
  AliasOption;

/** Verifies deliveries, passes them to handlers as typed events, and returns the answer for Blue. */
export interface Receiver extends DeliveryHandler {
  /**
   * Registers a handler for one event, several, or a family (`eventNames.comment`). Handlers of one event run in order of
   * registration, all of them even if one fails.
   * @throws TypeError for a name that is not in the catalogue
   */
  on<N extends EventName>(names: N | readonly N[], handler: EventHandler<EventOf<N>>): this;
  /**
   * The same under a name, for an inbox: `receiver.on('TODO_MOVED', { name: 'crm' }, handler)`; or for one workspace, or
   * several: `receiver.on('TODO_MOVED', { project: 'clakt90vu…' }, handler)`. An event that does not say where it belongs is
   * in none of them.
   * @throws TypeError also for options that hold neither, and for a name that another handler of the event has
   */
  on<N extends EventName>(names: N | readonly N[], options: HandlerOptions, handler: EventHandler<EventOf<N>>): this;
  /** Registers a handler for genuine deliveries that have no type here: new events, and rows without identity. */
  onUnknown(handler: EventHandler<UnknownEvent>): this;
  /** The same under a name, for an inbox. */
  onUnknown(options: Pick<HandlerOptions, 'name'>, handler: EventHandler<UnknownEvent>): this;
  /**
   * Registers a handler for every genuine delivery: all events, those that have no type here (`UNKNOWN`), and health checks, except
   * in an inbox, which answers health checks itself. It runs in order of registration with the handlers of the event.
   */
  onAny(handler: EventHandler<BlueEvent>): this;
  /** The same under a name, for an inbox, or for one or more workspaces. */
  onAny(options: HandlerOptions, handler: EventHandler<BlueEvent>): this;
  /** Removes a handler from all events. A delivery that is being handled is not affected. */
  off(handler: (...args: never[]) => unknown): this;
  /**
   * Removes a handler from one event, several, or a family.
   * @throws TypeError for a name that is not in the catalogue
   */
  off<N extends EventName>(names: N | readonly N[], handler: (...args: never[]) => unknown): this;
  /** Takes a raw delivery through all stages to the answer. Never rejects for anything that arrives. */
  handle(raw: RawDelivery): Promise<Outcome>;
  /**
   * Sends a signed health check through the mounted route, at boot or in a test: finds a wrong parser order, a wrong secret
   * or a lost body before Blue does. With a secret function, `webhookId` says whose secret to sign with.
   * @throws Error that says what is wrong
   */
  selfTest(target: SelfTestTarget, options?: SelfTestOptions): Promise<void>;
  /**
   * Responds to a Fetch request: Workers, Bun, Deno, Next.js, Azure Functions. Needs no `this`. `context` are
   * the arguments that the platform passes after the request, such as `env` and `ctx` of Workers: the first that has
   * `waitUntil` keeps promises of hooks alive.
   */
  fetch(request: FetchRequest, ...context: readonly unknown[]): Promise<Response>;
  /**
   * Reads, verifies and parses without running handlers, for middleware.
   * @throws WebhookError
   */
  verify(raw: RawDelivery): Promise<Delivery>;
  /**
   * Runs the handlers of a delivery that was verified before it was stored, for an inbox: checks no signature, uses no
   * ledger, and has no deadline but the delivery's own signal. With `progress`, handlers that have succeeded earlier are
   * not run.
   * @throws what a handler threw; an `AggregateError` if several did, an `UnrecoverableError` if trying again helps none.
   * Reported to `onFailure`, except a `PostponedError`, such as the inbox's `RetryLater`, if no handler failed otherwise.
   * @throws WebhookError BODY_NOT_JSON, EVENT_MISSING
   */
  dispatch(stored: StoredDelivery, progress?: DispatchProgress): Promise<void>;
}

/**
 * The receiving end of one endpoint.
 * @throws TypeError for a secret that is missing, empty or blank, for a limit that is not a positive integer, for a hook that
 * is not a function, and for a `deadLetter` without a ledger
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('createReceiver needs options: createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).');
  }
  const limits = limitsOf(options);
  const { onFailure, onOutcome, onDrift, waitUntil } = options;
  requireFunctions({ onFailure, onOutcome, onDrift, waitUntil });
  const keyring = createKeyring(options);
  const { aliases = true } = options;
  if (typeof aliases !== 'boolean') throw new TypeError('aliases must be true or false.');
  const verifier = createVerifier(keyring, limits, aliases);
  const attempts = createAttempts(options, limits);
  const handlers = new Handlers(options.projects);
  const byChange = requireDedupe(options.dedupe) === 'change';

  const admit: Verifier = (raw, deadline) =>
    proceed(verifier(raw, deadline), (delivery) => {
      if (delivery instanceof Refusal) return delivery;
      return proceed(byChange ? identifiedByChange(delivery) : delivery, (identified) => {
        const { drift } = identified;
        if (drift.length > 0) notify(raw.waitUntil ?? waitUntil, onDrift, [...drift], contextOf(identified));
        return identified;
      });
    });

  const reportRefused = (raw: RawDelivery, error: WebhookError) =>
    notify(raw.waitUntil ?? waitUntil, onFailure, error, contextOf(undefined));

  async function verify(raw: RawDelivery): Promise<Delivery> {
    try {
      return accepted(await admit(raw, new Deadline(limits.deadlineMs)));
    } catch (error) {
      if (WebhookError.is(error)) reportRefused(raw, error);
      throw error;
    }
  }

  /** Runs the delivery's handlers, unless a ledger says that it was handled before. */
  async function run(delivery: Delivery, deadline: Deadline, keep: WaitUntil | undefined): Promise<Verdict> {
    const registered = handlers.of(delivery.event);
    if (registered.length === 0) return handled;
    const report = (error: WebhookError) => notify(keep, onFailure, error, contextOf(delivery));
    const dispatched = () => {
      const work = dispatch(registered, delivery, deadline).then(handlerFailureOf);
      if (keep) keepAlive(keep, work); // handlers that run after the deadline
      return work;
    };
    if (attempts) return attempts({ delivery, deadline, handle: dispatched, report, keep });

    const work = dispatched();
    let failure: HandlerFailure | undefined;
    try {
      failure = await deadline.race(work, () => new WebhookError('DEADLINE_EXCEEDED'));
    } catch (error) {
      report(error as WebhookError);
      void work.then((late) => late && report(afterTheDeadline(late.error)));
      return { code: 'DEADLINE_EXCEEDED' };
    }
    if (!failure) return handled;
    const { code } = failure.error;
    report(failure.error);
    return { code, acknowledged: failure.final };
  }

  async function handle(raw: RawDelivery): Promise<Outcome> {
    const deadline = new Deadline(limits.deadlineMs);
    const keep = raw.waitUntil ?? waitUntil;
    const conclude = ({ code, acknowledged, duplicate }: Verdict, delivery?: Delivery): Outcome => {
      const outcome = toOutcome({ delivery, code, acknowledged, duplicate, durationMs: deadline.elapsedMs });
      if (onOutcome) notify(keep, onOutcome, { ...outcome }); // a hook may change its copy
      return outcome;
    };
    let delivery: Delivery | Refusal;
    try {
      delivery = await admit(raw, deadline);
    } catch (error) {
      if (!WebhookError.is(error)) throw error;
      const { code } = error; // before a hook can change it
      reportRefused(raw, error);
      return conclude({ code });
    }
    if (delivery instanceof Refusal) {
      if (onFailure) reportRefused(raw, delivery.toError());
      return conclude(delivery);
    }
    return conclude(await run(delivery, deadline, keep), delivery);
  }

  const receiver: Receiver = {
    on<N extends EventName>(names: N | readonly N[], ...rest: Registration<EventOf<N>>) {
      const list = namesIn(names);
      handlers.add(list, handlerIn(rest));
      return receiver;
    },
    onUnknown(...rest: Registration<UnknownEvent>) {
      const handler = handlerIn(rest.slice(-1) as [EventHandler<UnknownEvent>]);
      const [given] = rest as [HandlerOptions];
      handlers.add(['UNKNOWN'], rest.length > 1 ? named(given?.name, handler) : handler);
      return receiver;
    },
    onAny(...rest: Registration<BlueEvent>) {
      handlers.add(everyName, handlerIn(rest));
      return receiver;
    },
    off<N extends EventName>(...given: [handler: unknown] | [names: N | readonly N[], handler: unknown]) {
      const handler = given.at(-1);
      requireFunction(handler);
      handlers.remove(given.length > 1 ? namesIn(given[0] as N | readonly N[]) : everyName, handler);
      return receiver;
    },
    handle,
    verify,
    async dispatch(stored, progress = {}) {
      const { event, drift } = parseVerified(stored.rawBody, aliases);
      const delivery: Delivery = { ...stored, signal: stored.signal, event, drift };
      const deadline = {
        get passed() {
          return delivery.signal.aborted;
        },
      };
      const thrown = await dispatch(remaining(handlers.of(event), progress), delivery, deadline);
      const postponement = postponementOf(thrown);
      if (postponement) throw postponement;
      const failure = handlerFailureOf(thrown);
      if (!failure) return;
      const { cause } = failure.error; // before a hook can change it
      notify(progress.waitUntil ?? waitUntil, onFailure, failure.error, contextOf(delivery));
      throw failure.final && !UnrecoverableError.is(cause)
        ? new UnrecoverableError('No handler can be helped by trying again; see `cause`.', { cause })
        : cause;
    },
    async selfTest(target, { webhookId = 'self-test', timeoutMs = SELF_TEST_TIMEOUT_MS } = {}) {
      limit('timeoutMs', timeoutMs, MAX_TIMER_MS, 'milliseconds');
      const [candidate] = await keyring.candidates(webhookId, undefined, new Deadline(limits.deadlineMs));
      if (!candidate) throw new Error(`The self test has no secret to sign with for the webhook '${webhookId}'.`);
      await sendSelfTest(target, candidate, webhookId, timeoutMs);
    },
    fetch: async (request, ...context) => toResponse(await handle(toRawDelivery(request, ...context))),
  };
  return receiver;
}

async function identifiedByChange(delivery: Delivery): Promise<Delivery> {
  return Object.assign(delivery, { id: await changeId(delivery) });
}

function contextOf(delivery: Delivery | undefined): DeliveryContext {
  return { deliveryId: delivery?.id, event: delivery?.event.event };
}

const handled: Verdict = { code: undefined };

/** Every name under which handlers are kept. */
const everyName: readonly (EventName | 'UNKNOWN')[] = [...allEventNames, 'UNKNOWN'];

/** The arguments after the names: a handler, or its options and a handler. */
type Registration<E extends BlueEvent> = [EventHandler<E>] | [HandlerOptions, EventHandler<E>];

/** @throws TypeError for a handler that is not a function, and for options that choose nothing */
function handlerIn<E extends BlueEvent>(rest: Registration<E>): AnyHandler {
  const [handler, given] = [...rest].reverse() as [EventHandler<E>, HandlerOptions?];
  requireFunction(handler);
  return (rest.length > 1 ? withOptions(given, handler) : handler) as AnyHandler;
}

/** Returns each name once. */
function namesIn<N extends EventName>(names: N | readonly N[]): ReadonlySet<N> {
  const list = new Set<N>(Array.isArray(names) ? names : [names as N]);
  for (const name of list) requireKnown(name);
  return list;
}

function requireKnown(name: unknown): void {
  if (typeof name === 'string' && isEventName(name)) return;
  const alias = aliasedName(String(name), {});
  if (alias) throw new TypeError(`'${name}' is not a Blue event: register '${alias}', which receives it too.`);
  throw new TypeError(
    `${typeof name === 'string' ? `'${name}'` : String(name)} is not a Blue event: see eventNames for the names, and use onUnknown for events that this version does not know yet.`,
  );
}

/** @throws TypeError for options that name neither the handler nor a workspace */
function withOptions<E extends BlueEvent>(options: unknown, handler: EventHandler<E>): EventHandler<E> {
  const { name, project } = (options ?? {}) as HandlerOptions;
  const chosen = name === undefined || project !== undefined ? inProjects(project, handler) : handler;
  return name === undefined ? chosen : named(name, chosen);
}

function requireDedupe(dedupe: unknown): unknown {
  if (dedupe === undefined || dedupe === 'delivery' || dedupe === 'change') return dedupe;
  throw new TypeError("dedupe must be 'delivery' or 'change'.");
}

function requireFunction(handler: unknown): void {
  if (typeof handler !== 'function') throw new TypeError('The handler must be a function: receiver.on(name, handler).');
}
