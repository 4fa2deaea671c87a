/**
 * Compiles the zod schemas of `src/schemas` into what does not need zod: the types and tables of `src/events`, and the JSON Schema and
 * AsyncAPI documents of the package. `npm run build` runs it first; a test compares the files with what it returns.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { eventSchemas } from '../src/schemas';
import { names } from '../src/schemas/entities';

const folder = fileURLToPath(new URL('..', import.meta.url));
const header = '// Generated from src/schemas by tools/compile-schemas.ts.\n';

type Schema = z.core.$ZodTypes;
type ObjectSchema = z.core.$ZodObject;

/** Every file that is generated, by its path in this package. */
export function compileSchemas(): Readonly<Record<string, string>> {
  const schemas = namedSchemas();
  const objects = new Map(
    [...schemas].filter((entry): entry is [string, ObjectSchema] => entry[1]._zod.def.type === 'object'),
  );
  return {
    'src/events/entities.ts': types(schemas),
    'src/events/tables.ts': tables(objects),
    'events.schema.json': json(jsonSchema(objects)),
    'asyncapi.json': json(asyncApi(objects)),
  };
}

const named = (schema: unknown) => names.get(schema as z.core.$ZodType);

/** The objects and enumerations that events are made of, in the order of their names. */
function namedSchemas(): ReadonlyMap<string, Schema> {
  const found = new Map<string, Schema>();
  const visit = (schema: Schema): void => {
    const id = named(schema)?.id;
    if (id && found.has(id)) return;
    if (id) found.set(id, schema);
    const { def } = schema._zod;
    if ('innerType' in def) visit(def.innerType as Schema);
    if (def.type === 'array') visit(def.element as Schema);
    if (def.type === 'object') for (const field of Object.values(def.shape)) visit(field as Schema);
  };
  for (const schema of Object.values(eventSchemas)) visit(schema as unknown as Schema);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const fieldsOf = (object: z.core.$ZodType) =>
  Object.entries((object as ObjectSchema)._zod.def.shape) as [string, Schema][];
const isRequired = (field: Schema) => !['optional', 'default'].includes(field._zod.def.type);

function types(schemas: ReadonlyMap<string, Schema>): string {
  const declarations = [...schemas].map(([id, schema]) => {
    const { description, values } = named(schema) ?? {};
    const declaration = values ? enumeration(id, values) : declare(id, schema as ObjectSchema);
    return `/** ${description} */\n${declaration}`;
  });
  const open = `/** Known values are suggested by the editor, values that Blue adds later stay valid. */
type Open<T extends string> = T | (string & Record<never, never>);\n`;
  return [header, open, ...declarations].join('\n');
}

const enumeration = (id: string, values: readonly string[]) =>
  `export type ${id} = Open<\n${values.map((value) => `  | '${value}'\n`).join('')}>;\n`;

function declare(id: string, object: ObjectSchema): string {
  const fields = fieldsOf(object).map(
    ([key, field]) => `  ${key}${isRequired(field) ? '' : '?'}: ${typeText(field)};\n`,
  );
  const others = object._zod.def.catchall ? '  [key: string]: unknown;\n' : '';
  return `export interface ${id} {\n${fields.join('')}${others}}\n`;
}

function typeText(schema: Schema): string {
  const { def } = schema._zod;
  switch (def.type) {
    case 'optional':
      return `${typeText(def.innerType as Schema)}${(def.innerType as Schema)._zod.def.type === 'unknown' ? '' : ' | undefined'}`;
    case 'nullable':
      return `${typeText(def.innerType as Schema)} | null`;
    case 'union':
      return def.options.map((option) => typeText(option as Schema)).join(' | ');
    case 'array':
      return `${typeText(def.element as Schema)}[]`;
    default:
      return named(schema)?.id ?? def.type;
  }
}

function tables(objects: ReadonlyMap<string, ObjectSchema>): string {
  const rows = (entries: Iterable<readonly [string, z.core.$ZodType]>) =>
    [...entries].map(([id, object]) => `  ${id}:\n    '${tableText(object as ObjectSchema)}',\n`).join('');
  return `${header}
// A table lists the fields of an object: \`key:type\`, \`key!:type\` if the object is not identified without it. A type is a list of
// letters (s string, n number, b boolean, 0 null, * anything) or the name of a table, with [] for a list of them, and ends in ? if
// it may be null; without one it is s?. An object loses the fields that a \`closed\` table does not name.

export const entityTables: Readonly<Record<string, string>> = {
${rows(objects)}};

export const eventTables: Readonly<Record<string, string>> = {
${rows(Object.entries(eventSchemas))}};
`;
}

/** The type of most fields, which goes without saying. */
const TEXT = 's?';

function tableText(object: ObjectSchema): string {
  const fields = fieldsOf(object).map(([key, field]) => {
    const type = tableType(field);
    return `${key}${isRequired(field) ? '!' : ''}${type === TEXT ? '' : `:${type}`}`;
  });
  return [...(object._zod.def.catchall ? [] : ['closed']), ...fields].join(' ');
}

function tableType(schema: Schema): string {
  const { def } = schema._zod;
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
      return def.type[0] as string;
    case 'literal':
      return typeof def.values[0] === 'string' ? 's' : unsupported(def.type);
    case 'null':
      return '0';
    case 'unknown':
      return '*';
    case 'optional':
    case 'default':
      return tableType(def.innerType as Schema);
    case 'nullable':
      return `${tableType(def.innerType as Schema)}?`;
    case 'union':
      return def.options.map((option) => tableType(option as Schema)).join('');
    case 'array':
      return `${tableType(def.element as Schema)}[]`;
    case 'object':
      return named(schema)?.id ?? unsupported('object without a name');
    default:
      return unsupported(def.type);
  }
}

function unsupported(what: string): never {
  throw new Error(`tools/compile-schemas.ts cannot compile zod's '${what}': add it beside the others.`);
}

type JsonObject = Record<string, unknown>;

/** The JSON Schema of every event and entity, under `$defs`. */
function definitions(objects: ReadonlyMap<string, ObjectSchema>): JsonObject {
  const registry = z.registry<{ id: string; description?: string }>();
  for (const [id, object] of objects) registry.add(object, { id, description: names.get(object)?.description ?? '' });
  for (const [id, schema] of Object.entries(eventSchemas)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: (id) => `#/$defs/${id}`, target: 'draft-2020-12' });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const { $id: _, $schema: __, ...rest } = schema as JsonObject;
      return [id, rest];
    }),
  );
}

function jsonSchema(objects: ReadonlyMap<string, ObjectSchema>): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: "Blue's webhook deliveries",
    description:
      'The body of a delivery, which is one of the events under $defs. Fields and events that are not documented can occur.',
    oneOf: Object.keys(eventSchemas).map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs: definitions(objects),
  };
}

/** What Blue sends to a webhook, as an AsyncAPI 3 document. */
function asyncApi(objects: ReadonlyMap<string, ObjectSchema>): JsonObject {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const eventNames = Object.keys(eventSchemas);
  const schemas = JSON.parse(
    JSON.stringify(definitions(objects)).replaceAll('#/$defs/', '#/components/schemas/'),
  ) as JsonObject;
  return {
    asyncapi: '3.0.0',
    info: {
      title: "Blue's webhooks",
      version,
      description:
        'Every delivery is a POST request whose body is signed with HMAC-SHA256 and the secret of its webhook.',
    },
    defaultContentType: 'application/json',
    channels: {
      webhook: {
        address: null,
        description: 'The URL of the webhook.',
        messages: Object.fromEntries(eventNames.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      receive: {
        action: 'receive',
        channel: { $ref: '#/channels/webhook' },
        summary: 'Answer with 2xx within 7 seconds.',
      },
    },
    components: {
      messages: Object.fromEntries(
        eventNames.map((name) => [
          name,
          {
            name,
            headers: { $ref: '#/components/schemas/headers' },
            payload: { $ref: `#/components/schemas/${name}` },
          },
        ]),
      ),
      schemas: {
        headers: {
          type: 'object',
          required: ['x-signature'],
          properties: { 'x-signature': { type: 'string', pattern: '^[0-9a-f]{64}$' } },
        },
        ...schemas,
      },
    },
  };
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(compileSchemas())) writeFileSync(join(folder, path), text);
}
