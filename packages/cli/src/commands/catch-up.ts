import { type CatchUpReport, catchUp } from '@blue-webhooks/api';
import { type ApiOptions, calling, connect, withApiOptions } from '../api/connect';
import { openKnown, storingInbox } from '../api/recovery';
import { factsOf } from '../api/table';
import { type AddCommand, examples } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { listOption, pastOption } from '../options';
import { requireInbox } from './inbox';

interface Options extends ApiOptions {
  readonly since?: Date;
  readonly projects?: readonly string[];
  readonly db?: string;
  readonly known?: string;
  readonly full?: boolean;
  readonly dryRun?: boolean;
}

/** Reads what was missed, and stores it in an inbox. */
export const addCatchUp: AddCommand = (program, context, end) => {
  const command = program
    .command('catch-up')
    .summary("Read from Blue's API what was missed, and store it in an inbox.")
    .description(
      "Compare Blue's records, lists, tags, fields and comments with the last known rows, and store the differences as events in the database of your inbox. The process that runs the inbox handles them. With --dry-run, nothing is stored. A run that was interrupted can be repeated.",
    )
    .usage('--since TIME (--db FILE | --dry-run) [options]')
    .option(
      '--since <TIME>',
      'when the webhook was disabled, or earlier: 90m, 2h, 3d, or 2026-01-31T08:00:00Z',
      pastOption('since'),
    )
    .option('--db <FILE>', 'the database of your inbox')
    .option('--known <FILE>', 'the SQLite file of sqliteKnown, which your process fills with followKnown')
    .option('--projects <IDS>', 'only these workspaces, separated by commas (default all)', listOption('projects'))
    .option('--full', 'read all records, not only those whose updatedAt has changed')
    .option('--dry-run', 'count what would be stored');
  withApiOptions(command)
    .addHelpText(
      'after',
      examples('catch-up --since 2h --dry-run', 'catch-up --since 2h --db blue-inbox.db --known blue-known.db --full'),
    )
    .action(async (options: Options) => end(await perform(options, context)));
};

async function perform(options: Options, context: Context): Promise<number> {
  const { since, projects, db, known: file, full = false, dryRun = false, json = false } = options;
  const { out, err, signal } = context;
  if (since === undefined && file === undefined) throw new CommandError('catch-up needs --since TIME, such as 2h.');
  if (db === undefined && !dryRun) {
    throw new CommandError('catch-up needs --db FILE, the database of your inbox, or --dry-run.');
  }
  if (db !== undefined) await requireInbox(db);
  const client = await connect(options, context);
  const inbox = db === undefined ? undefined : storingInbox(db);
  const opened = openKnown(file, { dryRun });
  try {
    const report = await calling(() =>
      catchUp({
        ...{
          client,
          projects: projects ?? 'all',
          known: opened.known,
          mode: full ? 'full' : 'changed',
          dryRun,
          signal,
        },
        ...(since === undefined ? {} : { since }),
        to: inbox ?? (() => {}),
        onProgress: ({ projectId, phase, done, total, requests }) =>
          json || err.progress(`${bar(done, total)} ${done + 1}/${total} ${projectId} ${phase}, ${requests} requests`),
      }),
    );
    err.progress('');
    if (json) out.json(report);
    else printReport(report, dryRun, context);
    return report.incomplete.length + report.unreachable.length + report.failed > 0 ? 1 : 0;
  } catch (error) {
    err.progress('');
    if (signal.aborted) throw new CommandError('Interrupted. Run it again: what was stored is not stored again.', 1);
    throw error;
  } finally {
    await inbox?.stop();
    opened.close();
  }
}

const BAR = 20;

function bar(done: number, total: number): string {
  const filled = Math.round((done / Math.max(1, total)) * BAR);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}]`;
}

function printReport(report: CatchUpReport, dryRun: boolean, { out, err }: Context): void {
  const { seen, repaired, deleted, steps, stepsUnread, unknownKind, restored, deletedUnresolved, failed } = report;
  const facts = {
    'rows read': String(seen),
    [dryRun ? 'would be stored' : 'events stored']: String(repaired),
    '  of these deletions': String(deleted),
    '  single steps': String(steps),
    '  of unknown kind': String(unknownKind),
    restored: String(restored),
    'gone, unresolved': String(deletedUnresolved),
    failed: String(failed),
    'steps not read': stepsUnread > 0 ? `of ${stepsUnread} changed records` : undefined,
    requests: `${report.requests} (schema ${report.generation})`,
  };
  for (const line of factsOf(facts)) out.line(line);
  for (const projectId of report.unreachable)
    err.line(`Workspace ${projectId} cannot be read. Run again with a token of a member.`);
  for (const { projectId, reason } of report.incomplete)
    err.line(`Workspace ${projectId} is incomplete. ${reason} Run it again.`);
}
