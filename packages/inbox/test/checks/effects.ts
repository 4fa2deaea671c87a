import { effectRounds } from '../crash/effect-rounds';
import { killAll } from '../crash/processes';
import { claim, inFolder, say } from './say';

/** How many times each is killed, unless --rounds is set. */
export const DEFAULT_ROUNDS = 20;

/** Kills processes with an inbox, and with a ledger, as often as that, and counts the effects of their transactions. */
export async function countedEffects(rounds: number, database?: (owner: string) => Promise<string>): Promise<void> {
  for (const owner of ['inbox', 'ledger']) {
    const startedAt = performance.now();
    const report = await inFolder(async (folder) =>
      effectRounds({ folder, database: await database?.(owner), ledger: owner === 'ledger', rounds }),
    ).finally(killAll);
    const { kills, killsAtStatements, stalls, refused, duplicates, acknowledged, effects, lost, repeated } = report;
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed();
    say(
      `  ${owner}: ${kills} kills (${killsAtStatements} at a statement), ${stalls} stalls, ${refused} leases lost, ${duplicates} duplicates, in ${seconds} s`,
    );
    claim(
      `${acknowledged} acknowledged deliveries have ${effects} effects: ${lost} none, ${repeated} several`,
      effects === acknowledged && lost + repeated === 0,
    );
  }
}
