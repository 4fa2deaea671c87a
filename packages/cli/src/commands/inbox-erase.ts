import { CommandError } from '../command-error';
import { hasTable } from '../listen/database';
import { printable } from '../printable';
import { find, refusing, type Task } from './inbox-task';

/** Deletes what was stored about an entity, of a webhook or by id. */
export async function erase({ inbox, db, ids, filter, webhookId, mentions, json, context }: Task): Promise<number> {
  const { entityId, ...others } = filter;
  const isChosen = entityId !== undefined || webhookId !== undefined;
  if (Object.keys(others).length > 0 || ids.length > 0 === isChosen)
    throw new CommandError('inbox erase takes --entity and --webhook, or IDs, and no other filter.');
  if (hasTable(db, 'journal_deliveries'))
    throw new CommandError(
      `${printable(db)} is a recording of 'listen', which has more copies of each body: delete the file.`,
    );
  const found: string[] = [];
  for (const id of ids) found.push(await find(inbox, id));
  const selections = isChosen ? [{ entityId, webhookId, mentions }] : found.map((id) => ({ id, mentions }));
  let erased = 0;
  let active = 0;
  for (const selection of selections) {
    const result = await refusing(() => inbox.erase(selection));
    erased += result.erased;
    active += result.active;
  }
  if (json) context.out.json({ erased, active });
  else {
    context.out.line(`Erased ${erased} ${erased === 1 ? 'delivery' : 'deliveries'}.`);
    if (active > 0) context.err.line(`The handlers of ${active} were running: their results are discarded.`);
  }
  return erased > 0 ? 0 : 1;
}
