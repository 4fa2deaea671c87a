import { sign } from '@blue-webhooks/core';
import { backoffMs } from './backoff';
import { Line } from './line';
import type { Attempt } from './report';
import { send } from './send';
import type { Session } from './session';
import type { Settings } from './settings';

/** Blue's policy: how long it waits for a response, and how often it retries. */
const TIMEOUT_MS = 7_000;
export const MAX_ATTEMPTS = 5;

/** A body to deliver. */
export interface Parcel {
  readonly event: string;
  readonly entityId: string | undefined;
  body: string;
  /** Returns the body as it is to be sent now. Defaults to the same bytes on every attempt. */
  readonly refresh?: ((body: string) => string) | undefined;
  /** Whether it has been delivered before. */
  readonly duplicate: boolean;
  /** Made before the first attempt, and again only if the body has changed. */
  signature: string | undefined;
  readonly attempts: Attempt[];
}

/** Applies the result of an attempt to the webhook, and reports it. */
export type Conclude = (facts: Omit<Attempt, 'webhook'>) => Attempt;

/** Any 2xx is success. */
export const isAccepted = ({ status = 0 }: { status: number | undefined }): boolean => status >= 200 && status <= 299;

/** Sends bodies to the receiver: with signature, timeout, retries and limited concurrency. Never rejects. */
export class Courier {
  readonly #settings: Settings;
  readonly #line: Line;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#line = new Line(settings.concurrency);
  }

  /** Makes one attempt immediately. */
  async attempt(parcel: Parcel, conclude: Conclude): Promise<Attempt> {
    const { url, secret, clock, fetch } = this.#settings;
    const { event, duplicate, attempts } = parcel;
    const release = clock.hold();
    const body = parcel.refresh?.(parcel.body) ?? parcel.body;
    if (body !== parcel.body) Object.assign(parcel, { body, signature: undefined });
    parcel.signature ??= await sign(body, secret);
    const { signature } = parcel;
    const startedAtMs = clock.now();
    const answer = await send({ url, body, signature, timeoutMs: TIMEOUT_MS, clock, fetch });
    const deliveryId = signature.slice(0, 32);
    const attempt = conclude({
      deliveryId,
      event,
      attempt: attempts.length + 1,
      duplicate,
      startedAtMs,
      ...answer,
    });
    attempts.push(attempt);
    release();
    return attempt;
  }

  /** Makes up to five attempts, for as long as the session lasts. */
  async deliver(
    parcel: Parcel,
    delayMs: number,
    session: Session,
    conclude: Conclude,
  ): Promise<'delivered' | 'failed' | 'dropped'> {
    const { backoff, random } = this.#settings;
    session.pending += 1;
    await session.pause(delayMs);
    let outcome: 'delivered' | 'failed' | undefined;
    while (!outcome && !session.over) {
      const attempt = await this.#inLine(parcel, session, conclude);
      if (attempt && isAccepted(attempt)) outcome = 'delivered';
      else if (attempt?.attempt === MAX_ATTEMPTS) outcome = 'failed';
      else if (attempt) await session.pause(backoffMs(backoff, attempt.attempt, random));
    }
    session.pending -= 1;
    return outcome ?? 'dropped';
  }

  /** Makes an attempt when its turn has come; none if the session is over by then. */
  async #inLine(parcel: Parcel, session: Session, conclude: Conclude): Promise<Attempt | undefined> {
    await this.#line.enter();
    let attempt: Attempt | undefined;
    if (!session.over) {
      session.inFlight += 1;
      attempt = await this.attempt(parcel, conclude);
      session.inFlight -= 1;
    }
    this.#line.leave();
    return attempt;
  }
}
