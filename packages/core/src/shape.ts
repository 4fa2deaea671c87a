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
  /** Of `bits`, those of the types that are accepted. */
  readonly types: number;
  /** Of an object. */
  readonly fields: Fields | undefined;
  /** Keys without which an object is not what it claims to be. */
  readonly required: readonly string[];
  /** Whether an object loses the fields that its schema does not name. */
  readonly closed: boolean;
  /** Of an array. */
  readonly item: Rule | undefined;
}

interface Field {
  readonly key: string;
  readonly rule: Rule;
}

interface Fields {
  readonly byKey: ReadonlyMap<string, Field>;
  /** Which field stood where last time: rows of one table carry their keys in one order, which spares most look-ups. */
  readonly order: Field[];
}

/** JSON's types, a bit each, so that a value is compared with several of them in one step. */
const bits = { number: 1, string: 2, boolean: 4, null: 8, array: 16, object: 32 } as const;

const anything: Rule = {
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
  return keep(value, ruleOf(schema), '', drift) ? (value as object) : undefined;
}

/** Whether a value may stay. */
function keep(value: unknown, rule: Rule, key: string | number, drift: Drift[]): boolean {
  const type = typeOf(value);
  if ((rule.types & type) === 0) {
    report(drift, key, rule);
    return false;
  }
  if (type < bits.array) return true;
  const found = drift.length;
  let whole = true;
  if (type === bits.array && rule.item) whole = keepItems(value as unknown[], rule.item, drift);
  if (type === bits.object && rule.fields) {
    whole = keepFields(value as Record<string, unknown>, rule, rule.fields, drift);
  }
  // Paths grow on the way back, since hardly a delivery has any to report.
  for (let place = found; place < drift.length; place++) lengthen(drift, place, key);
  return whole;
}

function keepFields(
  object: Record<string, unknown>,
  { required, closed }: Rule,
  fields: Fields,
  drift: Drift[],
): boolean {
  let identified = true;
  for (const key of required) {
    if (Object.hasOwn(object, key)) continue;
    identified = false;
    report(drift, key, (fields.byKey.get(key) as Field).rule);
  }
  // `in` needs no list of the keys; an inherited one, which only a polluted Object.prototype has, is read as any reader would.
  // Keys are removed afterwards: an object that changes on the way is slow to walk through.
  let refused: string[] | undefined;
  let place = 0;
  for (const key in object) {
    const field = fieldAt(fields, place++, key);
    if (field ? keep(object[key], field.rule, key, drift) : !closed) continue;
    refused ??= [];
    refused.push(key);
  }
  for (const key of refused ?? []) {
    delete object[key];
    if (required.includes(key)) identified = false;
  }
  return identified;
}

function fieldAt({ byKey, order }: Fields, place: number, key: string): Field | undefined {
  const usual = order[place];
  if (usual?.key === key) return usual;
  const field = byKey.get(key);
  if (field && usual) order[place] = field;
  return field;
}

function keepItems(items: readonly unknown[], rule: Rule, drift: Drift[]): boolean {
  let whole = true;
  for (let place = 0; place < items.length; place++) {
    if (!keep(items[place], rule, place, drift)) whole = false;
  }
  return whole;
}

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

function report(drift: Drift[], key: string | number, { types }: Rule): void {
  if (drift.length < MAX_DRIFT) drift.push({ path: String(key), expected: expectedOf(types) });
}

function lengthen(drift: Drift[], place: number, key: string | number): void {
  const { path, expected } = drift[place] as Drift;
  if (key !== '') drift[place] = { path: `${key}.${path}`, expected };
}

/** Says which types are accepted; that a field may be null goes without saying. */
function expectedOf(types: number): string {
  const names = Object.entries(bits).filter(([name, bit]) => (types & bit) !== 0 && name !== 'null');
  return names.map(([name]) => name).join(' or ') || 'null';
}

const rules = new WeakMap<object, Rule>();

function ruleOf(schema: z.core.$ZodType): Rule {
  const known = rules.get(schema);
  if (known) return known;
  const rule = shared(compile(schema as z.core.$ZodTypes));
  rules.set(schema, rule);
  return rule;
}

/** Fields without parts that accept the same types have one rule together: few rules stay in the processor's cache. */
function shared(rule: Rule): Rule {
  if (rule.fields || rule.item) return rule;
  const known = partless.get(rule.types) ?? rule;
  partless.set(rule.types, known);
  return known;
}

const partless = new Map<number, Rule>();

function compile(schema: z.core.$ZodTypes): Rule {
  const { def } = schema._zod;
  switch (def.type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return { ...anything, types: bits[def.type] };
    case 'unknown':
      return anything;
    case 'optional':
      return ruleOf(def.innerType);
    case 'nullable': {
      const inner = ruleOf(def.innerType);
      return { ...inner, types: inner.types | bits.null };
    }
    case 'union': {
      const types = def.options.map(ruleOf).reduce((all, option) => all | option.types, 0);
      return { ...anything, types };
    }
    case 'array':
      return { ...anything, types: bits.array, item: ruleOf(def.element) };
    case 'object': {
      const fields = Object.entries(def.shape);
      const order = fields.map(([key, field]) => ({ key, rule: ruleOf(field) }));
      return {
        ...anything,
        types: bits.object,
        fields: { byKey: new Map(order.map((field) => [field.key, field])), order },
        required: fields.filter(([, field]) => field._zod.optin !== 'optional').map(([key]) => key),
        closed: def.catchall === undefined,
      };
    }
    default:
      throw new Error(`shape.ts has no rule for zod's '${def.type}': add one beside the others.`);
  }
}
