import { isSpanContextValid, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { isEventName } from '../events';
import { PostponedError } from '../postponed-error';

/** An attempt of an inbox, as far as a span shows it. */
export interface TracedAttempt {
  readonly id: string;
  readonly event: string;
  readonly webhookId: string | undefined;
  /** From 1. */
  readonly attempt: number;
  /** What `capture` returned when the delivery was received. */
  readonly trace: string | undefined;
}

/** What links the attempts of an inbox to the receipt of their delivery; fits an inbox's option `tracing`. */
export interface AttemptTracing {
  /** Returns the active span as a W3C `traceparent`, to be stored with a delivery; `undefined` without one. */
  capture(): string | undefined;
  /** Runs an attempt in a span of its own, which is linked to the receipt. */
  attempt<T>(attempt: TracedAttempt, run: () => Promise<T>): Promise<T>;
}

const SCOPE = '@blue-webhooks/core';

/**
 * Returns what gives each attempt of an inbox a span of its own, linked to the span in which its delivery was received:
 * `createInbox({ …, tracing: traceAttempts() })`. A link and not a parent, since an attempt may run hours after the receipt
 * and in another process. Without an OpenTelemetry SDK it does nothing.
 *
 * Spans: `blue attempt`, with `blue.event`, `blue.delivery.id`, `blue.webhook.id`, `blue.attempt` and, when it failed, `error.type`; when its
 * handler threw `RetryLater`, `blue.attempt.postponed` and no error. Nothing of a body is recorded.
 */
export function traceAttempts(): AttemptTracing {
  return {
    capture() {
      const context = trace.getActiveSpan()?.spanContext();
      return context && isSpanContextValid(context) ? toTraceparent(context) : undefined;
    },
    attempt({ id, event, webhookId, attempt, trace: received }, run) {
      const context = fromTraceparent(received);
      const options = {
        root: true,
        kind: SpanKind.CONSUMER,
        links: context ? [{ context }] : [],
        attributes: {
          'blue.event': isEventName(event) ? event : 'UNKNOWN',
          'blue.delivery.id': id,
          'blue.attempt': attempt,
          ...(webhookId !== undefined && { 'blue.webhook.id': webhookId }),
        },
      };
      return trace.getTracer(SCOPE).startActiveSpan('blue attempt', options, async (span) => {
        try {
          return await run();
        } catch (error) {
          if (PostponedError.is(error)) span.setAttribute('blue.attempt.postponed', true);
          else {
            span.setAttribute('error.type', typeOf(error));
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          throw error;
        } finally {
          span.end();
        }
      });
    },
  };
}

/** https://www.w3.org/TR/trace-context/#traceparent-header */
const toTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`;

function fromTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(text ?? '') ?? [];
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

/** The class of an error, and nothing of its message. */
function typeOf(error: unknown): string {
  try {
    const { name } = error as Error;
    return typeof name === 'string' && /^\w{1,60}$/.test(name) ? name : '_OTHER';
  } catch {
    return '_OTHER';
  }
}
