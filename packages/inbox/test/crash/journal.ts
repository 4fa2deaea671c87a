import { readFileSync } from 'node:fs';
import type { Acknowledged } from './sender';

/** What the handlers' notes say of the deliveries that were acknowledged. */
export interface Findings {
  /** Acknowledged, and not handled to the end once. */
  readonly lost: number;
  /** Begun while another attempt was under way in a process that lived. */
  readonly concurrent: number;
  /** Begun before one of the same entity that was sent earlier had been handled, or handled again after a later one. */
  readonly outOfOrder: number;
  /** Handled more than once, which a crash between the handler's end and its record makes unavoidable. */
  readonly repeated: number;
  /** Begun, and cut short by the end of the process. */
  readonly cutShort: number;
}

export function findingsOf(journal: string, acknowledged: readonly Acknowledged[]): Findings {
  const facts = new Map(acknowledged.map((one) => [one.id, one]));
  const place = (entityId: string, step: number) => `${entityId} ${step}`;
  const ids = new Map(acknowledged.map(({ id, entityId, step }) => [place(entityId, step), id]));
  const underWay = new Map<string, string>();
  const handled = new Map<string, number>();
  /** The last step of each entity that has begun. */
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
    ...{ concurrent, outOfOrder, cutShort },
    repeated: [...handled.values()].filter((times) => times > 1).length,
  };
}
