/** One promise of the packages, for any runtime: it holds unless `run` throws. */
export interface Case {
  readonly title: string;
  run(): void | Promise<void>;
}

/** What a runtime has to say for itself; `verdicts` must be the same on all of them. */
export interface Conformance {
  readonly passed: number;
  readonly failures: readonly string[];
  /** One character for each vector and each malformed header: whether it was accepted. */
  readonly verdicts: string;
}

/** @throws Error that shows both, where they differ as JSON */
export function same(actual: unknown, expected: unknown, what = 'value'): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: ${left} instead of ${right}`);
}

/** Runs the cases one after the other: a runtime is asked for what it does, not for how fast. */
export async function runCases(cases: readonly Case[]): Promise<Omit<Conformance, 'verdicts'>> {
  const failures: string[] = [];
  for (const { title, run } of cases) {
    try {
      await run();
    } catch (error) {
      failures.push(`${title}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { passed: cases.length - failures.length, failures };
}
