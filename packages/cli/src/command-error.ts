/** Something that the person at the terminal can put right: shown as one line, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** What the program ends with: 2 for wrong input, 1 if what it looked at is not right. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}
