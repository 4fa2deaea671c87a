import type * as z from 'zod/mini';

/** A documented field that came with another type than documented, and is therefore `undefined` on the event. */
export interface Drift {
  /** Where, such as `currentValue.done` or `currentValue.todoUsers.0.user`. */
  readonly path: string;
  /** The documented type. What came instead is not said: it is somebody's data. */
  readonly expected: string;
}

/** A schema compiled once to what is asked of every delivery. */
interface Rule {
  readonly expected: string;
  accepts(value: unknown): boolean;
  /** Of an object. */
  readonly fields?: ReadonlyMap<string, Rule>;
  /** Keys without which an object is not what it claims to be. */
  readonly required?: readonly string[];
  /** Whether an object loses the fields that its schema does not name. */
  readonly closed?: boolean;
  /** Of an array. */
  readonly item?: Rule;
}

const MAX_DRIFT = 100;

/**
 * Makes a parsed value keep its schema's promises, in place: a field of another type than documented is removed and
 * listed (the first 100), unknown fields stay. `undefined` if the value itself, or what identifies it, is missing.
 *
 * Zod declares the schemas and infers the types. It does not parse, since it would copy every row and refuse a whole
 * delivery for one field; a property test holds that whatever passes here also satisfies the schema.
 */
export function conform(value: unknown, schema: z.ZodMiniType, drift: Drift[]): object | undefined {
  return keep(value, ruleOf(schema), '', drift) as object | undefined;
}

function keep(value: unknown, rule: Rule, path: string, drift: Drift[]): unknown {
  if (!rule.accepts(value)) {
    report(drift, path, rule);
    return undefined;
  }
  if (value === null) return null;
  if (rule.item) return keepItems(value as unknown[], rule.item, path, drift) ? value : undefined;
  return rule.fields ? keepFields(value as Record<string, unknown>, rule, rule.fields, path, drift) : value;
}

function keepFields(
  object: Record<string, unknown>,
  { required = [], closed }: Rule,
  fields: ReadonlyMap<string, Rule>,
  path: string,
  drift: Drift[],
): object | undefined {
  const at = path === '' ? '' : `${path}.`;
  let identified = true;
  for (const key of required) {
    if (Object.hasOwn(object, key)) continue;
    identified = false;
    report(drift, at + key, fields.get(key) as Rule);
  }
  for (const key of Object.keys(object)) {
    const field = fields.get(key);
    const kept = field ? keep(object[key], field, at + key, drift) : closed ? undefined : object[key];
    if (kept !== undefined) continue;
    delete object[key];
    if (required.includes(key)) identified = false;
  }
  return identified ? object : undefined;
}

function keepItems(items: readonly unknown[], rule: Rule, path: string, drift: Drift[]): boolean {
  let whole = true;
  for (const [place, item] of items.entries()) {
    if (keep(item, rule, `${path}.${place}`, drift) === undefined) whole = false;
  }
  return whole;
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
      return { expected: def.type, accepts: (value) => typeof value === def.type };
    case 'null':
      return { expected: 'null', accepts: (value) => value === null };
    case 'unknown':
      return { expected: 'anything', accepts: () => true };
    case 'optional':
      return ruleOf(def.innerType);
    case 'nullable': {
      const inner = ruleOf(def.innerType);
      return { ...inner, accepts: (value) => value === null || inner.accepts(value) };
    }
    case 'union': {
      const options = def.options.map(ruleOf);
      const expected = options.map((option) => option.expected).join(' or ');
      return { expected, accepts: (value) => options.some((option) => option.accepts(value)) };
    }
    case 'array':
      return { expected: 'array', accepts: Array.isArray, item: ruleOf(def.element) };
    case 'object': {
      const fields = Object.entries(def.shape);
      return {
        expected: 'object',
        accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
        fields: new Map(fields.map(([key, field]) => [key, ruleOf(field)])),
        required: fields.filter(([, field]) => field._zod.optin !== 'optional').map(([key]) => key),
        closed: def.catchall === undefined,
      };
    }
    default:
      throw new Error(`shape.ts has no rule for zod's '${def.type}': add one beside the others.`);
  }
}
