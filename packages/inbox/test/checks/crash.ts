import { crashRounds } from '../crash/crash-rounds';
import { killAll } from '../crash/processes';
import { countedEffects, DEFAULT_ROUNDS } from './effects';
import { claim, inFolder, say } from './say';

/** Kills receivers and workers like the test, but twenty times each and with ten thousand deliveries; then counts effects. */
export async function crash(rounds?: number): Promise<void> {
  await countedEffects(rounds ?? DEFAULT_ROUNDS);
  if (rounds !== undefined) return;
  for (const victim of ['receiver', 'worker'] as const) {
    const report = await inFolder((folder) =>
      crashRounds({ folder, rounds: 20, perRound: 520, victim, effects: true }),
    ).finally(killAll);
    const { acknowledged, lost, concurrent, outOfOrder, cutShort, repeated, effectsEach } = report;
    say(`  ${victim} killed 20 times: ${acknowledged} acknowledged, ${cutShort} cut short, ${repeated} handled again`);
    claim('at least 10,000 deliveries were acknowledged', acknowledged >= 10_000);
    claim('each delivery has its effect in the database exactly once', effectsEach.join() === '1');
    claim('kills met handlers at work', cutShort > 0);
    claim(
      'no delivery is lost, handled twice concurrently, or handled before an earlier one of its entity',
      lost + concurrent + outOfOrder === 0,
    );
  }
}
