/** An error that the API answers with, under a code of Blue's. */
export class ApiError extends Error {
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, more: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.extensions = { code, ...more };
  }
}
