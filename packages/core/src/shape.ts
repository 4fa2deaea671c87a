import { entityTables, eventTables } from './events/tables';

/** A documented field that came with another type than documented, and is therefore `undefined` on the event. */
export interface Drift {
  /** Where, such as `currentValue.done` or `currentValue.todoUsers.0.user`. */
  readonly path: string;
  /** The documented type; for `event`, the name that this version knows. What came instead is not said: it is somebody's data. */
  readonly expected: string;
}

/** A table, read once, as what is asked of every delivery. All have every property, which makes reading one cheap. */
interface Rule {
  /** Of `bits`, those of the types that are accepted. */
  readonly types: number;
  /** Of an object. */
  readonly fields: Fields | undefined;
  /** Keys without which an object is not what it claims to be. */
  readonly required: readonly string[];
  /** Whether an object loses the fields that its table does not name. */
  readonly closed: boolean;
  /** Of an array. */
  readonly item: Rule | undefined;
}

interface Field {
  readonly key: string;
  readonly isRequired: boolean;
  readonly rule: Rule;
}

interface Fields {
  readonly byKey: ReadonlyMap<string, Field>;
  /** Which field stood where last time: rows of one table carry their keys in one order, which spares most look-ups. */
  readonly order: Field[];
}

/** JSON's types, a bit each, so that a value is compared with several of them in one step. */
const bits = { number: 1, string: 2, boolean: 4, null: 8, array: 16, object: 32 } as const;
const ANYTHING = 0b111111;

const MAX_DRIFT = 100;

/**
 * Makes the payload of an event keep what the event's schema promises, in place: a field of another type than documented is
 * removed and listed (the first 100), unknown fields stay. Returns whether what identifies the event's entity is there.
 *
 * The schemas are written in zod, and compiled to tables when the package is built. Zod does not parse here, since it would copy
 * every row and refuse a whole delivery for one field; a test checks that both accept and refuse the same payloads.
 */
export function conform(payload: object, event: string, drift: Drift[]): boolean {
  return keep(payload, ruleOf(eventTables, event), '', drift);
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
  const whole = keepWithin(value as object, rule, drift);
  // Paths grow on the way back, since hardly a delivery has any to report.
  for (let place = found; place < drift.length; place++) lengthen(drift, place, key);
  return whole;
}

/** Whether a list or an object may stay, after what may not has been removed from it. */
function keepWithin(value: object, rule: Rule, drift: Drift[]): boolean {
  if (rule.item) return keepItems(value as unknown[], rule.item, drift);
  return rule.fields ? keepFields(value as Record<string, unknown>, rule, rule.fields, drift) : true;
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
  if (!refused) return identified;
  for (const key of refused) {
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

const rules = new Map<string, Rule>();

/** The rule of an object, whose table is read when the first one comes. */
function ruleOf(tables: Readonly<Record<string, string>>, name: string): Rule {
  const known = rules.get(name) ?? read(tables[name] as string);
  rules.set(name, known);
  return known;
}

function read(table: string): Rule {
  const closed = table.startsWith('closed ');
  const order = table.replace('closed ', '').split(' ').map(fieldOf);
  const required = order.filter(({ isRequired }) => isRequired).map(({ key }) => key);
  const fields = { byKey: new Map(order.map((field) => [field.key, field])), order };
  return { types: bits.object, fields, required, closed, item: undefined };
}

function fieldOf(column: string): Field {
  const [name = '', type = 's?'] = column.split(':');
  const key = name.replace('!', '');
  return { key, isRequired: key !== name, rule: ruleOfType(type) };
}

/** The rules of types without fields and items: few rules stay in the processor's cache. */
const leaves = new Map<number, Rule>();

const letters: Readonly<Record<string, number>> = {
  s: bits.string,
  n: bits.number,
  b: bits.boolean,
  0: bits.null,
  '*': ANYTHING,
};

function ruleOfType(type: string): Rule {
  if (type.endsWith('?')) {
    const rule = ruleOfType(type.slice(0, -1));
    return rule.fields || rule.item ? { ...rule, types: rule.types | bits.null } : leaf(rule.types | bits.null);
  }
  if (type.endsWith('[]')) return { ...leaf(bits.array), item: ruleOfType(type.slice(0, -2)) };
  if (Object.hasOwn(entityTables, type)) return ruleOf(entityTables, type);
  return leaf([...type].reduce((types, letter) => types | (letters[letter] as number), 0));
}

function leaf(types: number): Rule {
  const rule = leaves.get(types) ?? { types, fields: undefined, required: [], closed: false, item: undefined };
  leaves.set(types, rule);
  return rule;
}
