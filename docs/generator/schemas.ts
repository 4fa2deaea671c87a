import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface AsyncApi {
  readonly components: { readonly messages: Readonly<Record<string, unknown>> };
}

const core = resolve(import.meta.dirname, '../../packages/core');

/** The files of core that the site serves beside its pages. */
export const schemaFiles = ['asyncapi.json', 'events.schema.json'] as const;

/** Where a file of core lies. */
export const schemaFile = (name: (typeof schemaFiles)[number]): string => resolve(core, name);

const read = (name: (typeof schemaFiles)[number]): unknown => JSON.parse(readFileSync(schemaFile(name), 'utf8'));

/** The page that shows both documents: each message, and each entity with its fields. */
export function schemasPage(): string {
  const { messages } = (read('asyncapi.json') as AsyncApi).components;
  const { $defs } = read('events.schema.json') as { readonly $defs: Readonly<Record<string, Schema>> };
  const entities = Object.entries($defs).filter(([name]) => !Object.hasOwn(messages, name));
  const rows = Object.keys(messages).map((name) => {
    const { previousValue = {}, currentValue = {} } = $defs[name]?.properties ?? {};
    return `| \`${name}\` | ${typeOf(previousValue)} | ${typeOf(currentValue)} |`;
  });
  return `# Schemas

\`@blue-webhooks/core\` contains the events in three forms, made from one source:

| form | is for | where |
| --- | --- | --- |
| zod | queues, tRPC, form builders; every schema is also a Standard Schema | \`@blue-webhooks/core/schemas\`: \`eventSchemas\`, one per event, and \`blueEvent\`, their union |
| JSON Schema | other languages, editors, validators | \`@blue-webhooks/core/events.schema.json\`; on this site at \`/events.schema.json\` |
| AsyncAPI 3 | catalogues, generators of documentation and code | \`@blue-webhooks/core/asyncapi.json\`; on this site at \`/asyncapi.json\` |

A schema describes the parsed body, after its signature was verified. Blue adds fields without notice, so each entity accepts fields that it
does not name.

## Messages

One channel, the URL of the webhook: a POST request with the header \`X-Signature\`, answered with 2xx within 7 seconds. The field \`event\`
is the name of the message. \`RECORD_CREATED\` is the older form of \`TODO_CREATED\`, with other fields; \`WEBHOOK_HEALTH_CHECK\` changes nothing.

| message | \`previousValue\` | \`currentValue\` |
| --- | --- | --- |
${rows.join('\n')}

## Entities

Fields that are not marked as required can be missing.

${entities.map(([name, schema]) => entity(name, schema)).join('\n\n')}
`;
}

function entity(name: string, { properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(
    ([field, schema]) => `| \`${field}\` | ${typeOf(schema)} | ${required.includes(field) ? 'yes' : ''} |`,
  );
  return `### ${name}\n\n| field | type | required |\n| --- | --- | --- |\n${rows.join('\n')}`;
}

/** A schema's type in words, with links to the entities. */
function typeOf({ $ref, type, items, anyOf, const: value }: Schema): string {
  if ($ref !== undefined) {
    const name = $ref.slice($ref.lastIndexOf('/') + 1);
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (value !== undefined) return `\`${JSON.stringify(value)}\``;
  if (items) return `list of ${typeOf(items)}`;
  if (type === undefined) return 'any';
  return [type].flat().join(' or ');
}
