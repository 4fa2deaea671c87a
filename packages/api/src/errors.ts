import { branded } from '@blue-webhooks/core/adapter';
import { causes } from './causes';

/** An error code of Blue, which may add more, or of this package: `NETWORK`, `TIMEOUT`, `NOT_JSON`. */
export type ApiErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'PLAN_LIMIT_REACHED'
  | 'RATE_LIMITED'
  | 'BAD_USER_INPUT'
  | 'INTERNAL_SERVER_ERROR'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'WEBHOOK_NOT_FOUND'
  | 'COMPANY_NOT_FOUND'
  | 'COMPANY_BANNED'
  | 'PROJECT_NOT_FOUND'
  | 'TODO_NOT_FOUND'
  | 'NETWORK'
  | 'TIMEOUT'
  | 'NOT_JSON'
  | (string & {});

/** A limit of the plan. */
export interface PlanLimit {
  readonly kind: string | undefined;
  readonly resource: string | undefined;
  readonly current: number | undefined;
  readonly limit: number | undefined;
}

interface Details {
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly plan?: PlanLimit | undefined;
  readonly operation?: string | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

const brand = Symbol.for('@blue-webhooks/api BlueApiError');

/**
 * Why a request to Blue's API failed. The message contains the likely cause and the fix. It contains no token, no part of the
 * request and no text of the response.
 */
export class BlueApiError extends Error {
  override readonly name = 'BlueApiError';
  readonly code: ApiErrorCode;
  /** The HTTP status; `undefined` if there was no response. */
  readonly status: number | undefined;
  /** How long to wait before the next request, in milliseconds, if the response contains it. */
  readonly retryAfterMs: number | undefined;
  /** With `PLAN_LIMIT_REACHED`. */
  readonly plan: PlanLimit | undefined;
  /** The name of the operation, such as `CreateWebhook`. */
  readonly operation: string | undefined;

  constructor(code: ApiErrorCode, { status, retryAfterMs, plan, operation, hint, cause }: Details = {}) {
    const text =
      hint ?? causes.get(code) ?? 'Blue answered with an error code that this version has no explanation for.';
    super(`${operation ? `${operation}: ` : ''}${code}. ${text}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.plan = plan;
    this.operation = operation;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether this is a `BlueApiError`, also of another copy of this package; with a code, whether it is this one. */
  static is(error: unknown, code?: ApiErrorCode): error is BlueApiError {
    return branded(error, brand) && (code === undefined || (error as BlueApiError).code === code);
  }

  /** Whether it is unknown if the request was executed. */
  get unclear(): boolean {
    if (this.code === 'NETWORK' || this.code === 'TIMEOUT' || this.code === 'INTERNAL_SERVER_ERROR') return true;
    return this.code === 'NOT_JSON' && (this.status ?? 500) >= 500;
  }
}
