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
  /** Of `bits`, those of the types that are accepted. */
  readonly types: number;
  /** Of an object. */
  readonly fields: ReadonlyMap<string, Rule> | undefined;
  /** Keys without which an object is not what it claims to be. */
  readonly required: readonly string[];
  /** Whether an object loses the fields that its schema does not name. */
  readonly closed: boolean;
  /** Of an array. */
  readonly item: Rule | undefined;
}

/** JSON's types, a bit each, so that a value is compared with several of them at once. */
const bits = { string: 1, number: 2, boolean: 4, null: 8, array: 16, object: 32 } as const;

const anything: Rule = {
  expected: 'anything',
  types: 0b111111,
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
  const type = typeOf(value);
  if ((rule.types & type) === 0) {
    report(drift, join(path, key), rule);
    return false;
  }
  if (type === bits.array && rule.item) return keepItems(value as unknown[], rule.item, join(path, key), drift);
  if (type === bits.object && rule.fields) {
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
  // `in` needs no list of the keys; an inherited one, which only a polluted Object.prototype has, is read as any reader would.
  // Keys are removed afterwards: an object that changes on the way is slow to walk through.
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

function typeOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return bits.string;
    case 'number':
      return bits.number;
    case 'boolean':
      return bits.boolean;
    default:
      return value === null ? bits.null : Array.isArray(value) ? bits.array : bits.object;
  }
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
      return { ...anything, expected: def.type, types: bits[def.type] };
    case 'unknown':
      return anything;
    case 'optional':
      return ruleOf(def.innerType);
    case 'nullable': {
      const inner = ruleOf(def.innerType);
      return { ...inner, types: inner.types | bits.null };
    }
    case 'union': {
      const options = def.options.map(ruleOf);
      const expected = options.map((option) => option.expected).join(' or ');
      return { ...anything, expected, types: options.reduce((all, { types }) => all | types, 0) };
    }
    case 'array':
      return { ...anything, expected: 'array', types: bits.array, item: ruleOf(def.element) };
    case 'object': {
      const fields = Object.entries(def.shape);
      return {
        ...anything,
        expected: 'object',
        types: bits.object,
        fields: new Map(fields.map(([key, field]) => [key, ruleOf(field)])),
        required: fields.filter(([, field]) => field._zod.optin !== 'optional').map(([key]) => key),
        closed: def.catchall === undefined,
      };
    }
    default:
      throw new Error(`shape.ts has no rule for zod's '${def.type}': add one beside the others.`);
  }
}
