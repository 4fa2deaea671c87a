import type { SecretOptions } from './authenticate';
import { Deadline } from './deadline';
import type { Delivery, DeliveryHandler, Outcome, RawDelivery } from './delivery';
import { dispatch, type EventHandler, Handlers } from './dispatch';
import { UnrecoverableError, WebhookError } from './errors';
import { type EventName, type EventOf, isEventName, type UnknownEvent } from './events';
import { toRawDelivery, toResponse } from './fetch';
import { type DeliveryContext, type Hooks, notify } from './hooks';
import { type Limits, limitsOf } from './limits';
import { type Result, toOutcome } from './outcome';
import { createVerifier } from './verifier';

export type ReceiverOptions = SecretOptions & Partial<Limits> & Hooks;

/** Verifies deliveries, gives them to handlers as typed events, and knows what to answer. */
export interface Receiver extends DeliveryHandler {
  /**
   * Registers a handler for one event, several, or a family (`eventNames.comment`). Handlers of one event run in order of
   * registration, all of them even if one fails.
   * @throws TypeError for a name that is not in the catalogue
   */
  on<N extends EventName>(names: N | readonly N[], handler: EventHandler<EventOf<N>>): this;
  /** Registers a handler for genuine deliveries that have no type here: new events, and rows without identity. */
  onUnknown(handler: EventHandler<UnknownEvent>): this;
  /** Takes a raw delivery through all stages to the answer. Never rejects for anything that arrives. */
  handle(raw: RawDelivery): Promise<Outcome>;
  /** Answers a Fetch request: Workers, Bun, Deno, Next.js. Needs no `this`. */
  fetch(request: Request): Promise<Response>;
  /**
   * Reads, verifies and parses without running handlers, for middleware.
   * @throws WebhookError
   */
  verify(raw: RawDelivery): Promise<Delivery>;
}

/**
 * The receiving end of one endpoint.
 * @throws TypeError for a secret that is missing, empty or blank, and for a limit that is no positive whole number
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('createReceiver needs options: createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).');
  }
  const limits = limitsOf(options);
  const { onFailure, onOutcome, onDrift } = options;
  const takeIn = createVerifier(options, limits);
  const handlers = new Handlers();

  async function verify(raw: RawDelivery, deadline = new Deadline(limits.deadlineMs)): Promise<Delivery> {
    try {
      const delivery = await takeIn(raw, deadline);
      if (delivery.drift.length > 0) notify(onDrift, delivery.drift, contextOf(delivery));
      return delivery;
    } catch (error) {
      if (WebhookError.is(error)) notify(onFailure, error, contextOf(undefined));
      throw error;
    }
  }

  /** Runs the delivery's handlers: what became of it. */
  async function run(delivery: Delivery, deadline: Deadline): Promise<Pick<Result, 'code' | 'acknowledged'>> {
    const registered = handlers.of(delivery.event);
    if (registered.length === 0) return { code: undefined };
    let failure: WebhookError;
    let acknowledged = false;
    try {
      const late = () => new WebhookError('DEADLINE_EXCEEDED');
      const thrown = await deadline.race(dispatch(registered, delivery, deadline), late);
      if (thrown.length === 0) return { code: undefined };
      const cause = thrown.length === 1 ? thrown[0] : new AggregateError(thrown, `${thrown.length} handlers failed.`);
      failure = new WebhookError('HANDLER_FAILED', { cause });
      acknowledged = thrown.every(UnrecoverableError.is);
    } catch (error) {
      failure = error as WebhookError;
    }
    notify(onFailure, failure, contextOf(delivery));
    return { code: failure.code, acknowledged };
  }

  async function handle(raw: RawDelivery): Promise<Outcome> {
    const startedAt = performance.now();
    const deadline = new Deadline(limits.deadlineMs);
    const conclude = (result: Omit<Result, 'durationMs'>): Outcome => {
      const outcome = toOutcome({ ...result, durationMs: performance.now() - startedAt });
      notify(onOutcome, outcome);
      return outcome;
    };
    let delivery: Delivery;
    try {
      delivery = await verify(raw, deadline);
    } catch (error) {
      if (WebhookError.is(error)) return conclude({ delivery: undefined, code: error.code });
      throw error;
    }
    return conclude({ delivery, ...(await run(delivery, deadline)) });
  }

  const receiver: Receiver = {
    on(names, handler) {
      const list = Array.isArray(names) ? names : [names];
      for (const name of list) requireKnown(name);
      requireFunction(handler);
      for (const name of list) handlers.add(name, handler);
      return receiver;
    },
    onUnknown(handler) {
      requireFunction(handler);
      handlers.add('UNKNOWN', handler);
      return receiver;
    },
    handle,
    verify: (raw) => verify(raw),
    fetch: async (request) => toResponse(await handle(toRawDelivery(request))),
  };
  return receiver;
}

function contextOf(delivery: Delivery | undefined): DeliveryContext {
  return { deliveryId: delivery?.id, event: delivery?.event.event };
}

function requireKnown(name: unknown): void {
  if (typeof name === 'string' && isEventName(name)) return;
  throw new TypeError(
    `${typeof name === 'string' ? `'${name}'` : String(name)} is not an event of Blue's: see eventNames for the names, and use onUnknown for events that this version does not know yet.`,
  );
}

function requireFunction(handler: unknown): void {
  if (typeof handler !== 'function') throw new TypeError('The handler must be a function: receiver.on(name, handler).');
}
