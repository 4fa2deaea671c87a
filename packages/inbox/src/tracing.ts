/** An attempt, as far as a trace shows it: nothing of the body. */
export interface AttemptFacts {
  readonly id: string;
  readonly event: string;
  readonly webhookId: string | undefined;
  /** From 1. */
  readonly attempt: number;
  /** What `capture` returned when the delivery was received. */
  readonly trace: string | undefined;
}

/** Links attempts to the receipt of their delivery; `traceAttempts()` of `@blue-webhooks/core/otel` makes one. */
export interface InboxTracing {
  /** Returns what identifies the trace of the request, to be stored with the delivery: at most 1,000 characters. */
  capture(): string | undefined;
  /** Runs an attempt, and settles as it does. */
  attempt<T>(facts: AttemptFacts, run: () => Promise<T>): Promise<T>;
}

const MAX_TRACE_LENGTH = 1_000;

/** Returns the trace of the request, whatever the tracing does. */
export function captureTrace(tracing: InboxTracing | undefined): string | undefined {
  try {
    const trace = tracing?.capture();
    return typeof trace === 'string' && trace !== '' && trace.length <= MAX_TRACE_LENGTH ? trace : undefined;
  } catch {
    return undefined;
  }
}

/** Runs an attempt once, and settles as it does and when it does, whatever the tracing does. */
export function traceAttempt<T>(
  tracing: InboxTracing | undefined,
  facts: AttemptFacts,
  run: () => Promise<T>,
): Promise<T> {
  if (!tracing) return run();
  return new Promise<T>((resolve, reject) => {
    let running: Promise<T> | undefined;
    const once = () => {
      if (!running) {
        running = run();
        running.then(resolve, reject);
      }
      return running;
    };
    const runAnyway = () => void once().catch(() => {});
    try {
      Promise.resolve(tracing.attempt(facts, once)).then(runAnyway, runAnyway);
    } catch {
      runAnyway();
    }
  });
}

/** @throws TypeError unless it can be used */
export function requireTracing(tracing: unknown): InboxTracing | undefined {
  if (tracing === undefined) return undefined;
  const { capture, attempt } = (tracing ?? {}) as Partial<InboxTracing>;
  if (typeof capture === 'function' && typeof attempt === 'function') return tracing as InboxTracing;
  throw new TypeError('tracing must have the functions capture and attempt: pass traceAttempts() of core/otel.');
}
