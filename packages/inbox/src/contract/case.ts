/** One promise, to be tested by any test runner. */
export interface ContractCase<Subject> {
  readonly title: string;
  /**
   * Ends within seconds.
   * @throws AssertionError where the promise is broken
   */
  run(subject: Subject): Promise<void>;
}

/** Asks again and again, for ten seconds at most, until the answer is not `undefined` or `false`. */
export async function eventually<T>(ask: () => T | Promise<T>): Promise<Exclude<T, undefined | false>> {
  const giveUpAt = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > giveUpAt) throw new Error('It did not happen within ten seconds.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
