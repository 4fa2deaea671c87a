/** An error that the API returns, with a Blue error code. */
export class ApiError extends Error {
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, more: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.extensions = { code, ...more };
  }
}
