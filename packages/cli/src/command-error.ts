/** An error that the user can fix: printed as one line, without a stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** The program's exit code: 2 for invalid input, 1 if what it examined is not right. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}
