import type { Conformance } from './conformance/case';
import type { Runtime } from './runtimes';
import { table } from './table';

/** The result of the suite on a runtime. */
export interface Trial {
  readonly name: string;
  readonly passed: number;
  readonly problems: readonly string[];
  /** The number of cases that fail for reasons of the runtime. */
  readonly excused: number;
  readonly verdicts: string | undefined;
}

/** Runs the suite on a runtime. A runtime that does not start is reported as a problem. */
export async function conformOn({ name, conform, excuses = [] }: Runtime, scratch: string): Promise<Trial> {
  let result: Conformance;
  try {
    result = await conform(scratch);
  } catch (error) {
    return { name, passed: 0, problems: [String(error)], excused: 0, verdicts: undefined };
  }
  const problems = result.failures.filter((failure) => !excuses.some((title) => failure.startsWith(title)));
  const excused = result.failures.length - problems.length;
  return { name, passed: result.passed, problems, excused, verdicts: result.verdicts };
}

/** Prints the trials, and sets the exit code if one has a problem or a verdict that differs from the first. */
export function report(trials: readonly Trial[]): void {
  const rows = trials.map(({ name, passed, problems, excused }) => [
    name,
    String(passed),
    String(problems.length),
    String(excused),
  ]);
  console.log(table([['runtime', 'passed', 'failed', 'excused'], ...rows]));
  const problems = trials.flatMap((trial) => trial.problems.map((problem) => `${trial.name}: ${problem}`));
  for (const { name, verdicts } of trials) {
    if (verdicts !== trials[0]?.verdicts)
      problems.push(`${name}: its verdicts differ from those of ${trials[0]?.name}.`);
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
