import process from 'node:process';

/** Long enough for the optimising compilers to be done with a task. */
const WARM_UP_MS = 400;
const MIN_ROUNDS = 7;

/**
 * Measures tasks in interleaved rounds, A B C A B C …: other load of the machine affects all of them equally, so a ratio
 * within a round is reliable where the time of one task is not. Many short slices are better than a few long ones.
 *
 * @param {Record<string, () => unknown>} tasks each does one unit of work; a promise is awaited
 * @param {object} effort
 * @param {number} effort.rounds how often
 * @param {number} effort.sliceMs how long a task runs in a round, if one unit does not take longer
 * @param {number} effort.budgetMs after which no further round begins, once there are seven
 * @param {() => void} [effort.beforeRound] runs outside of the measurement, to renew what expires
 * @returns {Promise<Record<string, { cpu: number[], wall: number[] }>>} microseconds a unit, one figure a round
 */
export async function interleave(tasks, { rounds, sliceMs, budgetMs, beforeRound = () => {} }) {
  const names = Object.keys(tasks);
  const slices = {};
  const samples = {};
  for (const name of names) {
    beforeRound();
    slices[name] = await calibrate(tasks[name], sliceMs);
    samples[name] = { cpu: [], wall: [] };
  }
  const endsAt = performance.now() + budgetMs;
  for (let round = 0; round < rounds && (round < MIN_ROUNDS || performance.now() < endsAt); round++) {
    beforeRound();
    for (let turn = 0; turn < names.length; turn++) {
      // Each round begins with another task, so that no task always runs after the same one.
      const name = names[(round + turn) % names.length];
      const { cpu, wall } = await measure(slices[name]);
      samples[name].cpu.push(cpu);
      samples[name].wall.push(wall);
    }
  }
  return samples;
}

/** Warms a task up, and finds how many units fill a slice. */
async function calibrate(task, sliceMs) {
  const first = task();
  const repeat = typeof first?.then === 'function' ? repeatAsync : repeatSync;
  await first;
  let units = 1;
  let quickestMs = Number.POSITIVE_INFINITY;
  for (const endsAt = performance.now() + WARM_UP_MS; performance.now() < endsAt; ) {
    const startedAt = performance.now();
    await repeat(task, units);
    quickestMs = Math.min(quickestMs, (performance.now() - startedAt) / units); // a slow turn may be caused by other load
    units = Math.max(1, Math.min(units * 10, Math.round(sliceMs / quickestMs)));
  }
  return { task, repeat, units };
}

async function measure({ task, repeat, units }) {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await repeat(task, units);
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpu: (user + system) / units, wall: (wallMs * 1000) / units };
}

function repeatSync(task, units) {
  for (let i = 0; i < units; i++) task();
}

async function repeatAsync(task, units) {
  for (let i = 0; i < units; i++) await task();
}
