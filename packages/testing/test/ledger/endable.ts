/** A handler of which a test ends each run. */
export function endable() {
  const runs: { succeed(): void; fail(error: unknown): void }[] = [];
  let running = 0;
  let most = 0;
  return {
    runs,
    /** The maximum number of concurrent runs. */
    get most() {
      return most;
    },
    handler: () => {
      running += 1;
      most = Math.max(most, running);
      return new Promise<void>((resolve, reject) => runs.push({ succeed: resolve, fail: reject })).finally(() => {
        running -= 1;
      });
    },
  };
}

export const settled = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms));
