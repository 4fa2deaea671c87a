/** Median and quartiles. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)];
    return below + (sorted[Math.ceil(place)] - below) * (place % 1);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/**
 * Summarises interleaved samples: each task's cost, and its speed relative to the baseline, round by round.
 *
 * @param {Record<string, { cpu: number[], wall: number[] }>} samples
 * @param {string} baseline a task's name
 */
export function compare(samples, baseline) {
  const ratio = (kind, name) => spread(samples[name][kind].map((cost, round) => samples[baseline][kind][round] / cost));
  return Object.fromEntries(
    Object.keys(samples).map((name) => [
      name,
      {
        cpuUs: spread(samples[name].cpu),
        wallUs: spread(samples[name].wall),
        speed: ratio('cpu', name),
        wallSpeed: ratio('wall', name),
        rounds: samples[name].cpu.length,
      },
    ]),
  );
}
