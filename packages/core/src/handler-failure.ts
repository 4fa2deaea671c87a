import { UnrecoverableError, WebhookError } from './errors';
import { PostponedError } from './postponed-error';

/** How the handlers of a delivery failed. */
export interface HandlerFailure {
  /** `HANDLER_FAILED`, with what was thrown as its cause. */
  readonly error: WebhookError;
  /** Whether every handler that failed threw an `UnrecoverableError`: a retry cannot help. */
  readonly final: boolean;
}

/** The failure that handlers threw, `undefined` if they threw nothing. */
export function handlerFailureOf(thrown: readonly unknown[]): HandlerFailure | undefined {
  if (thrown.length === 0) return undefined;
  const errors = thrown.length > 1 ? thrown.filter((error) => !isDeadline(error)) : thrown;
  const cause = errors.length === 1 ? errors[0] : new AggregateError(errors, `${errors.length} handlers failed.`);
  return { error: new WebhookError('HANDLER_FAILED', { cause }), final: thrown.every(UnrecoverableError.is) };
}

/**
 * Returns the longest of the postponements that handlers threw, if none of them failed: one failure makes the attempt a failure,
 * which is reported and counted.
 */
export function postponementOf(thrown: readonly unknown[]): PostponedError | undefined {
  const errors = thrown.filter((error) => !isDeadline(error));
  if (!errors.every(PostponedError.is)) return undefined;
  return errors.reduce<PostponedError | undefined>(
    (longest, error) => (longest && longest.afterMs >= error.afterMs ? longest : error),
    undefined,
  );
}

/** Whether it stands for the handlers that were not started after the deadline. */
const isDeadline = (error: unknown): boolean => WebhookError.is(error) && error.code === 'DEADLINE_EXCEEDED';

/** The same failure for a hook, once Blue has been answered already. */
export function afterTheDeadline({ cause }: WebhookError): WebhookError {
  const hint = 'It failed after the deadline: Blue had been answered DEADLINE_EXCEEDED.';
  return new WebhookError('HANDLER_FAILED', { cause, hint });
}
