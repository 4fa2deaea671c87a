import { readFileSync } from 'node:fs';
import type { Acknowledged } from './sender';

/** What the handlers' journal shows of the acknowledged deliveries. */
export interface Findings {
  /** Acknowledged, and never handled to the end. */
  readonly lost: number;
  /** Begun while another attempt ran in a living process. */
  readonly concurrent: number;
  /** Begun before an earlier delivery of the same entity was handled, or handled again after a later one. */
  readonly outOfOrder: number;
  /** Handled more than once: unavoidable if the process dies after the handler's end and before that is stored. */
  readonly repeated: number;
  /** Begun, and interrupted by the end of the process. */
  readonly cutShort: number;
}

export function findingsOf(journal: string, acknowledged: readonly Acknowledged[]): Findings {
  const facts = new Map(acknowledged.map((one) => [one.id, one]));
  const place = (entityId: string, step: number) => `${entityId} ${step}`;
  const ids = new Map(acknowledged.map(({ id, entityId, step }) => [place(entityId, step), id]));
  const underWay = new Map<string, string>();
  const handled = new Map<string, number>();
  /** The last step that has begun, for each entity. */
  const reached = new Map<string, number>();
  let [concurrent, outOfOrder, cutShort] = [0, 0, 0];
  for (const line of readFileSync(journal, 'utf8').split('\n')) {
    const [what, process = '', id = ''] = line.split(' ');
    if (what === 'begins') {
      if (underWay.has(id)) concurrent += 1;
      underWay.set(id, process);
      const { entityId, step } = facts.get(id) ?? {};
      if (entityId === undefined || step === undefined) continue;
      const last = reached.get(entityId) ?? 0;
      const before = ids.get(place(entityId, step - 1));
      if (step < last || (before !== undefined && !handled.has(before))) outOfOrder += 1;
      reached.set(entityId, Math.max(last, step));
    } else if (what === 'ends') {
      underWay.delete(id);
      handled.set(id, (handled.get(id) ?? 0) + 1);
    } else if (what === 'gone') {
      for (const [id, holder] of underWay) {
        if (holder !== process) continue;
        underWay.delete(id);
        cutShort += 1;
      }
    }
  }
  return {
    lost: acknowledged.filter(({ id }) => !handled.has(id)).length,
    concurrent,
    outOfOrder,
    cutShort,
    repeated: [...handled.values()].filter((times) => times > 1).length,
  };
}
