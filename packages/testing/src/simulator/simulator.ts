import { type ApiHost, createApi, type SimulatedApi } from '../api/api';
import type { WebhookLine } from '../api/registry';
import type { SubscribableEvent } from '../payload';
import { type WebhookRow, webhookRow } from '../rows/webhook';
import type { Clock } from './clock';
import { Courier, isAccepted, MAX_ATTEMPTS, type Parcel } from './courier';
import { type Emitted, emittedOf, entityIdOf, toJson } from './emitted';
import { type Overrides, override } from './overrides';
import { type Attempt, type EventOutcome, type Fate, type Report, Reporter } from './report';
import { Session } from './session';
import { requireMs, type Settings, type SimulatorOptions, settingsOf } from './settings';
import { isSubscribed } from './subscription';
import { targetOf } from './target';

const REORDER_WITHIN_MS = 10_000;
const MAX_PLAYED_AT_ONCE = 100;

/** An event that `play` emits: a step of `scenario(…)`. */
export interface PlayedStep {
  /** When it happens, in milliseconds since 1970; only the differences count. */
  readonly atMs: number;
  readonly payload: { readonly event: string };
}

/** Options for one delivery. */
export interface EmitOptions {
  /** How long before the first attempt, in milliseconds, instead of the simulator's `delayMs`: a later one is overtaken. */
  readonly delayMs?: number | undefined;
}

/** A simulated webhook, which its receiver cannot distinguish from one of Blue. */
export interface BlueSimulator {
  /** The webhook as the Blue API returns it. */
  readonly webhook: WebhookRow;
  /** The attempts and outcomes so far. */
  readonly report: Report;
  /**
   * Enables the webhook: sends the signed health check and waits for the response. The webhook is enabled and `HEALTHY`
   * if that is a 2xx, disabled and `UNHEALTHY` otherwise. Never rejects.
   */
  enable(): Promise<WebhookRow>;
  /** Disables the webhook. Unfinished deliveries are dropped, and events emitted from now on are missed. */
  disable(): WebhookRow;
  /**
   * Emits a realistic event of this name, with your overrides. Resolves with its outcome after at most five attempts; the
   * promise never rejects.
   * @throws TypeError if the name is not in the catalogue, or the overrides are not an object or change `event`
   */
  emit<N extends SubscribableEvent>(name: N, overrides?: Overrides<N>, options?: EmitOptions): Promise<Fate>;
  /**
   * Emits an event with your payload: a scenario's, one of `fixtures` or `oddities`, your own. Its `webhook` is replaced by
   * this one.
   * @throws TypeError if the payload is not an object with an event's name, or cannot be serialised to JSON
   */
  emit(payload: { readonly event: string }, overrides?: object, options?: EmitOptions): Promise<Fate>;
  /**
   * Delivers an event again: the same bytes, the same signature.
   * @throws TypeError if the event has not been delivered
   */
  redeliver(fate: Fate): Promise<Fate>;
  /**
   * Emits the steps of a scenario, at their own pace or one step every `everyMs` milliseconds. Resolves when all of them, and
   * all other deliveries, have ended.
   * @throws TypeError if `everyMs` is not a number of milliseconds, or a payload is invalid
   */
  play(steps: Iterable<PlayedStep>, options?: { readonly everyMs?: number | undefined }): Promise<Report>;
  /** Resolves when no delivery is unfinished. */
  settled(): Promise<Report>;
  /**
   * The simulated GraphQL API over the state that results from the emitted events. Webhooks that are created through it receive
   * the same events. Needs the package `graphql` once a request arrives.
   */
  readonly api: SimulatedApi;
}

/** A webhook of the simulator, with the operations of its API. */
interface Line extends Omit<BlueSimulator, 'api' | 'disable'>, WebhookLine {}

/** The callbacks of a webhook's queue to the simulator. */
interface LineRules {
  /** Called for each event before it is sent. */
  readonly onPayload?: (payload: Emitted) => void;
  /** Whether the webhook's creator is a member of the event's workspace. */
  readonly admits: (payload: Emitted, createdById: string) => boolean;
}

/**
 * Creates a simulated Blue with one webhook, which is enabled, like a new one: it signs, delivers and retries as Blue does.
 * Five failures of one delivery disable the webhook.
 *
 * @example
 * const blue = createBlueSimulator({ url: 'http://localhost:3000/webhooks/blue', secret, clock: createVirtualClock() });
 * const { outcome, attempts } = await blue.emit('TODO_MOVED', { currentValue: { title: 'Moved' } });
 * @throws TypeError if an option is invalid, or the URL is not on this machine
 */
export function createBlueSimulator(options: SimulatorOptions): BlueSimulator {
  const settings = settingsOf(options);
  const others: Line[] = [];
  let host: ApiHost | undefined;
  const admits: LineRules['admits'] = (payload, createdById) => host?.admits(payload, createdById) ?? true;
  const main = createLine(settings, {
    admits,
    onPayload(payload) {
      host?.follow(payload);
      for (const line of others) line.emit(payload);
    },
  });
  host = createApi({
    main,
    clock: settings.clock,
    options: options.api ?? {},
    createLine({ createdById, ...webhook }) {
      const more = { ...options, ...webhook, name: webhook.name ?? '', events: webhook.events as SubscribableEvent[] };
      const line = createLine({ ...settingsOf(more), name: webhook.name, createdById }, { admits });
      others.push(line);
      return line;
    },
  });
  const settled = async () => {
    await Promise.all(others.map((line) => line.settled()));
    return main.settled();
  };
  const { enable, disable, emit, redeliver } = main;
  return {
    get webhook() {
      return main.webhook;
    },
    get report() {
      return main.report;
    },
    enable,
    disable: () => disable(),
    emit,
    redeliver,
    async play(steps, playing) {
      await main.play(steps, playing);
      return settled();
    },
    settled,
    api: host.api,
  };
}

/** One webhook and its deliveries. */
function createLine(initial: Settings, rules: LineRules): Line {
  const settings = { ...initial };
  const { clock, random } = settings;
  const courier = new Courier(settings);
  const reporter = new Reporter();
  const underWay = new Set<Promise<Fate>>();
  const stamp = stamps(clock);
  const webhook = webhookOf(settings, stamp());
  let session = new Session(clock);
  let check: Parcel | undefined;

  const shown = () => structuredClone(webhook);
  const chance = (rate: number) => rate > 0 && random() < rate;

  function set(state: Pick<WebhookRow, 'enabled' | 'status'>): void {
    if (!state.enabled) session.end();
    else if (session.over) session = new Session(clock);
    Object.assign(webhook, state, { updatedAt: stamp() });
  }

  function report(facts: Omit<Attempt, 'webhook'>): Attempt {
    const attempt = { ...facts, webhook: { status: webhook.status, enabled: webhook.enabled } };
    reporter.attempt(attempt);
    notify(settings.onAttempt, attempt);
    return attempt;
  }

  function deliver(parcel: Parcel, delayMs: number): Promise<'delivered' | 'failed' | 'dropped'> {
    const current = session;
    return courier.deliver(parcel, delayMs, current, (facts) => {
      const fatal = !current.over && facts.attempt === MAX_ATTEMPTS && !isAccepted(facts);
      const dropped = current.pending - current.inFlight;
      if (fatal) set({ enabled: false, status: 'UNHEALTHY' });
      const attempt = report(facts);
      if (fatal) notify(settings.onDisabled, { webhook: shown(), attempt, dropped });
      return attempt;
    });
  }

  /** Delivers a parcel, and counts it as unfinished until its fate is known. */
  function begin(parcel: Parcel, subscribed: boolean, delayMs: number): Promise<Fate> {
    const { event, entityId, attempts } = parcel;
    const emittedAtMs = clock.now();
    const way = async (): Promise<Fate> => {
      let outcome: EventOutcome = 'unsubscribed';
      if (subscribed) outcome = webhook.enabled ? await deliver(parcel, delayMs) : 'missed';
      reporter.outcome(outcome, { event, entityId, emittedAtMs });
      const fate = { outcome, event, entityId, body: parcel.body, signature: parcel.signature, attempts };
      if (outcome === 'delivered' && !parcel.duplicate && chance(settings.duplicateRate)) redeliver(fate);
      return fate;
    };
    const promise = way();
    underWay.add(promise);
    promise.then(() => underWay.delete(promise));
    return promise;
  }

  function emit(event: SubscribableEvent | Emitted, overrides: object = {}, options: EmitOptions = {}): Promise<Fate> {
    const delayMs = requireMs('delayMs', options.delayMs ?? settings.delayMs);
    const emitted = emittedOf(event, webhook, stamp());
    const payload = override(emitted, overrides);
    const refresh = Object.hasOwn(emitted, 'webhook') ? refresherOf(overrides) : undefined;
    const parcel = { ...parcelOf(payload), entityId: entityIdOf(payload), refresh };
    rules.onPayload?.(payload);
    const heldBackMs = chance(settings.reorderRate) ? Math.floor(random() * REORDER_WITHIN_MS) : 0;
    const subscribed = isSubscribed(settings, payload) && rules.admits(payload, webhook.createdById);
    return begin(parcel, subscribed, delayMs + heldBackMs);
  }

  /** Returns a function that puts the webhook into a body again if it was edited: Blue reads it before each attempt. */
  function refresherOf(overrides: object): (body: string) => string {
    let writtenAt = webhook.updatedAt;
    return (body) => {
      if (webhook.updatedAt === writtenAt) return body;
      writtenAt = webhook.updatedAt;
      const part = override({ event: '', webhook }, 'webhook' in overrides ? { webhook: overrides.webhook } : {});
      return toJson({ ...(JSON.parse(body) as Emitted), webhook: part.webhook });
    };
  }

  function redeliver(fate: Fate): Promise<Fate> {
    if (fate?.outcome !== 'delivered') throw new TypeError('redeliver needs the fate of an event that was delivered.');
    const { event, entityId, body, signature } = fate;
    return begin({ event, entityId, body, duplicate: true, signature, attempts: [] }, true, settings.delayMs);
  }

  async function enable(): Promise<WebhookRow> {
    webhook.updatedAt = stamp();
    const parcel = parcelOf({ event: 'WEBHOOK_HEALTH_CHECK', webhook });
    check = parcel;
    await courier.attempt(parcel, (facts) => {
      // Unless the webhook has been disabled, or is being checked again, in the meantime.
      const enabled = isAccepted(facts);
      if (check === parcel) set({ enabled, status: enabled ? 'HEALTHY' : 'UNHEALTHY' });
      return report(facts);
    });
    return shown();
  }

  function disable(status = webhook.status): WebhookRow {
    check = undefined;
    if (webhook.enabled || webhook.status !== status) set({ enabled: false, status });
    return shown();
  }

  const configure: Line['configure'] = ({ name, url, events, projectIds }) => {
    if (url !== undefined) settings.url = targetOf(url, settings.allowRemote);
    if (name !== undefined) webhook.name = name;
    settings.events = (events as readonly SubscribableEvent[] | undefined) ?? settings.events;
    settings.projectIds = projectIds ?? settings.projectIds;
    webhook.url = settings.url.href;
    webhook.metadata = { events: [...settings.events], projectIds: [...settings.projectIds] };
    webhook.updatedAt = stamp();
  };

  async function play(
    steps: Iterable<PlayedStep>,
    options: { readonly everyMs?: number | undefined } = {},
  ): Promise<Report> {
    const everyMs = options.everyMs === undefined ? undefined : requireMs('everyMs', options.everyMs);
    const startedAtMs = clock.now();
    let firstAtMs: number | undefined;
    for (const { atMs, payload } of steps) {
      firstAtMs ??= atMs;
      await wait(clock, everyMs ?? startedAtMs + atMs - firstAtMs - clock.now());
      while (underWay.size >= MAX_PLAYED_AT_ONCE) await Promise.race(underWay);
      emit(payload);
    }
    return settled();
  }

  async function settled(): Promise<Report> {
    while (underWay.size > 0) await Promise.all(underWay);
    return reporter.report;
  }

  return {
    get webhook() {
      return shown();
    },
    get report() {
      return reporter.report;
    },
    enable,
    disable,
    emit,
    redeliver,
    play,
    settled,
    configure,
  };
}

function webhookOf({ id, name, url, events, projectIds, createdById }: Settings, createdAt: string): WebhookRow {
  return webhookRow({
    id,
    uid: '8f3a2c1e5b1d4c3e9b7a6d5c4b3a2f1e',
    name,
    url: url.href,
    status: 'HEALTHY',
    enabled: true,
    metadata: { events: [...events], projectIds: [...projectIds] },
    createdById,
    createdAt,
    updatedAt: createdAt,
  });
}

function parcelOf(payload: Emitted): Parcel {
  const { event } = payload;
  return { event, entityId: undefined, body: toJson(payload), duplicate: false, signature: undefined, attempts: [] };
}

/** Returns distinct times, so that no two events have the same bytes. */
function stamps(clock: Clock): () => string {
  let lastMs = 0;
  return () => {
    lastMs = Math.max(clock.now(), lastMs + 1);
    return new Date(lastMs).toISOString();
  };
}

const wait = (clock: Clock, ms: number): Promise<void> =>
  ms > 0 ? new Promise((resolve) => clock.schedule(resolve, ms)) : Promise.resolve();

/** Calls a hook and ignores its errors and rejections. */
function notify<A>(hook: ((heard: A) => unknown) | undefined, heard: A): void {
  try {
    Promise.resolve(hook?.(heard)).catch(() => {});
  } catch {
    // The hook's own failure; the delivery must not depend on it.
  }
}
