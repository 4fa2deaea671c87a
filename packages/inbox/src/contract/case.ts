/** A test case for any test runner. */
export interface ContractCase<Subject> {
  readonly title: string;
  /**
   * Runs the case, which takes seconds at most.
   * @throws AssertionError if it fails
   */
  run(subject: Subject): Promise<void>;
}

/** Polls for up to ten seconds until the result is not `undefined` or `false`. */
export async function eventually<T>(ask: () => T | Promise<T>): Promise<Exclude<T, undefined | false>> {
  const giveUpAt = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > giveUpAt) throw new Error('Timed out after ten seconds.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
