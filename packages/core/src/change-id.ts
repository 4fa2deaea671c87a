import { hmac } from '#hmac';
import type { Delivery } from './delivery';
import { aliasedName } from './events/aliases';

/**
 * Returns an id of the change that a delivery reports: equal for the deliveries of two webhooks that exist at the same time, as
 * during a rotation. It is a digest of `event`, `previousValue` and `currentValue`, exactly as they were sent, without
 * `webhook`. A delivery that has neither value, such as a health check, keeps its own id.
 *
 * Two changes that are equal in all three have the same id, such as a tag that is added, removed and added again where
 * `updatedAt` does not move: whatever recognises duplicates by it drops the second.
 */
export async function changeId(delivery: Pick<Delivery, 'id' | 'rawBody'>): Promise<string> {
  const { event = '""', previousValue = 'null', currentValue = 'null' } = membersOf(delivery.rawBody);
  if (previousValue === 'null' && currentValue === 'null') return delivery.id;
  // The lengths keep the end of one from being read as the beginning of the next.
  const alias = aliasedName(JSON.parse(event) as string, { currentValue: {} });
  const parts = [alias ? JSON.stringify(alias) : event, previousValue, currentValue].map(
    (part) => `${part.length}:${part}`,
  );
  return (await hmac.digest(encoder.encode(parts.join('')))).slice(0, ID_LENGTH);
}

const ID_LENGTH = 32;
const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * Returns the text of each member of an object in valid JSON, by name; the last one if a name occurs twice, as for
 * `JSON.parse`. Numbers are compared as they were written: parsing would round them.
 */
function membersOf(json: string): Readonly<Record<string, string>> {
  const members: Record<string, string> = Object.create(null);
  let depth = 0;
  let name: string | undefined;
  let start = 0;
  const end = (at: number) => {
    if (name !== undefined) members[name] = json.slice(start, at).trim();
    name = undefined;
  };
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      const from = at;
      for (at++; json[at] !== '"' && at < json.length; at++) if (json[at] === '\\') at++;
      if (depth === 1 && name === undefined) {
        name = JSON.parse(json.slice(from, at + 1)) as string;
        start = json.indexOf(':', at) + 1;
      }
    } else if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      if (depth === 1) end(at);
      depth -= 1;
    } else if (character === ',' && depth === 1) {
      end(at);
    }
  }
  return members;
}
