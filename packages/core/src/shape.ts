import type * as z from 'zod/mini';

/** A documented field that came with another type than documented, and is therefore `undefined` on the event. */
export interface Drift {
  /** Where, such as `currentValue.done` or `currentValue.todoUsers.0.user`. */
  readonly path: string;
  /** The documented type. What came instead is not said: it is somebody's data. */
  readonly expected: string;
}

/** A schema compiled once to what is asked of every delivery. All have every property, which makes reading one cheap. */
interface Rule {
  readonly expected: string;
  readonly types: readonly JsonType[];
  /** Of an object. */
  readonly fields: ReadonlyMap<string, Rule> | undefined;
  /** Keys without which an object is not what it claims to be. */
  readonly required: readonly string[];
  /** Whether an object loses the fields that its schema does not name. */
  readonly closed: boolean;
  /** Of an array. */
  readonly item: Rule | undefined;
}

type JsonType = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object';

const anything: Rule = {
  expected: 'anything',
  types: ['string', 'number', 'boolean', 'null', 'array', 'object'],
  fields: undefined,
  required: [],
  closed: false,
  item: undefined,
};

const MAX_DRIFT = 100;

/**
 * Makes a parsed value keep its schema's promises, in place: a field of another type than documented is removed and
 * listed (the first 100), unknown fields stay. `undefined` if the value itself, or what identifies it, is missing.
 *
 * Zod declares the schemas and infers the types. It does not parse, since it would copy every row and refuse a whole
 * delivery for one field; a property test holds that whatever passes here also satisfies the schema.
 */
export function conform(value: unknown, schema: z.ZodMiniType, drift: Drift[]): object | undefined {
  return keep(value, ruleOf(schema), '', '', drift) ? (value as object) : undefined;
}

/** Whether a value may stay. Paths are joined only for what has parts and for what is reported: they would outweigh the check. */
function keep(value: unknown, rule: Rule, path: string, key: string | number, drift: Drift[]): boolean {
  const type = jsonTypeOf(value);
  if (!rule.types.includes(type)) {
    report(drift, join(path, key), rule);
    return false;
  }
  if (type === 'array' && rule.item) return keepItems(value as unknown[], rule.item, join(path, key), drift);
  if (type === 'object' && rule.fields) {
    return keepFields(value as Record<string, unknown>, rule, rule.fields, join(path, key), drift);
  }
  return true;
}

function keepFields(
  object: Record<string, unknown>,
  { required, closed }: Rule,
  fields: ReadonlyMap<string, Rule>,
  path: string,
  drift: Drift[],
): boolean {
  let identified = true;
  for (const key of required) {
    if (Object.hasOwn(object, key)) continue;
    identified = false;
    report(drift, join(path, key), fields.get(key) as Rule);
  }
  // Removed afterwards: an object that changes while it is walked through is slow to walk through.
  let refused: string[] | undefined;
  for (const key in object) {
    const field = fields.get(key);
    if (field ? keep(object[key], field, path, key, drift) : !closed) continue;
    refused ??= [];
    refused.push(key);
  }
  for (const key of refused ?? []) {
    delete object[key];
    if (required.includes(key)) identified = false;
  }
  return identified;
}

function keepItems(items: readonly unknown[], rule: Rule, path: string, drift: Drift[]): boolean {
  let whole = true;
  for (let place = 0; place < items.length; place++) {
    if (!keep(items[place], rule, path, place, drift)) whole = false;
  }
  return whole;
}

const join = (path: string, key: string | number): string => (path === '' ? String(key) : `${path}.${key}`);

function jsonTypeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : (typeof value as JsonType);
}

function report(drift: Drift[], path: string, { expected }: Rule): void {
  if (drift.length < MAX_DRIFT) drift.push({ path, expected });
}

const rules = new WeakMap<object, Rule>();

function ruleOf(schema: z.core.$ZodType): Rule {
  const known = rules.get(schema);
  if (known) return known;
  const rule = compile(schema as z.core.$ZodTypes);
  rules.set(schema, rule);
  return rule;
}

function compile(schema: z.core.$ZodTypes): Rule {
  const { def } = schema._zod;
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return { ...anything, expected: def.type, types: [def.type] };
    case 'unknown':
      return anything;
    case 'optional':
      return ruleOf(def.innerType);
    case 'nullable': {
      const inner = ruleOf(def.innerType);
      return { ...inner, types: [...inner.types, 'null'] };
    }
    case 'union': {
      const options = def.options.map(ruleOf);
      const expected = options.map((option) => option.expected).join(' or ');
      return { ...anything, expected, types: options.flatMap((option) => option.types) };
    }
    case 'array':
      return { ...anything, expected: 'array', types: ['array'], item: ruleOf(def.element) };
    case 'object': {
      const fields = Object.entries(def.shape);
      return {
        ...anything,
        expected: 'object',
        types: ['object'],
        fields: new Map(fields.map(([key, field]) => [key, ruleOf(field)])),
        required: fields.filter(([, field]) => field._zod.optin !== 'optional').map(([key]) => key),
        closed: def.catchall === undefined,
      };
    }
    default:
      throw new Error(`shape.ts has no rule for zod's '${def.type}': add one beside the others.`);
  }
}
