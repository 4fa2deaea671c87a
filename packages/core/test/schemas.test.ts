import { readFileSync } from 'node:fs';
import asyncApi from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod/mini';
import { allEventNames } from '../src/events';
import { type EventName, sign, verify } from '../src/index';
import { blueEvent, eventSchemas } from '../src/schemas';
import { conform, type Drift } from '../src/shape';
import { compileSchemas } from '../tools/compile-schemas';
import { sample, sampleNames } from './samples';

const fileOf = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

test('what is generated from the schemas is up to date', () => {
  for (const [path, text] of Object.entries(compileSchemas())) expect(fileOf(path), path).toBe(text);
});

const json = JSON.parse(fileOf('events.schema.json'));
const ajv = new Ajv2020({ strict: false }).addSchema(json, 'events');
const validatorOf = (name: string) => ajv.getSchema(`events#/$defs/${name}`) as ValidateFunction;

/** Payloads of the catalogue's events: some as documented, most with a wrong type or a missing key somewhere. */
function payloadsTo(maxDepth: number, inherited: readonly string[] = []) {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant([]), fc.constant({}));
  const keys = fc.constantFrom(
    'id',
    'title',
    'name',
    'done',
    'position',
    'todoList',
    'project',
    'todoUsers',
    'user',
    'tags',
    'metadata',
    'events',
    'formula',
    'countryCodes',
    ...inherited,
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth }, leaf, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(keys, tie('value'))),
  }));
  const documented = fc.record(
    {
      id: fc.string(),
      title: fc.string(),
      name: fc.string(),
      done: fc.option(fc.boolean()),
      position: fc.option(fc.oneof(fc.integer(), fc.string())),
      tags: fc.option(fc.array(fc.record({ id: fc.string(), title: fc.option(fc.string()) }), { maxLength: 2 })),
      user: fc.option(fc.record({ id: fc.string(), theme: value })),
      unheardOf: value,
    },
    { requiredKeys: ['id', 'title', 'name'] },
  );
  const row = fc.dictionary(keys, value).map((fields) => ({ ...fields, id: '1', title: 'T', name: 'N' }));
  const entity = fc.oneof(
    { weight: 4, arbitrary: documented },
    { weight: 1, arbitrary: row },
    { weight: 1, arbitrary: value },
  );
  const webhook = fc.record({
    id: fc.string(),
    enabled: fc.option(fc.boolean()),
    metadata: fc.option(fc.record({ events: value })),
  });
  const values = fc.oneof({ weight: 3, arbitrary: entity }, { weight: 2, arbitrary: fc.constant(null) });
  return fc.record(
    {
      event: fc.constantFrom(...allEventNames),
      webhook: fc.oneof({ weight: 4, arbitrary: webhook }, { weight: 1, arbitrary: value }),
      previousValue: values,
      currentValue: values,
      record: entity,
      timestamp: fc.oneof(fc.string(), value),
      projectId: fc.oneof(fc.string(), value),
    },
    { requiredKeys: ['event'] },
  );
}
const payloads = payloadsTo(5, ['constructor', 'toString']);

const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const schemaOf = (name: EventName) => eventSchemas[name] as z.ZodMiniType<object>;

function isAcceptedByTables(payload: { event: string }): boolean {
  const drift: Drift[] = [];
  return conform(copyOf(payload), payload.event, drift) && drift.length === 0;
}

describe('schemas and what is compiled from them', () => {
  test('accept and refuse the same payloads', () => {
    const seen = { accepted: 0, refused: 0 };
    const property = fc.property(payloads, (generated) => {
      const payload = copyOf(generated);
      const accepted = isAcceptedByTables(payload);
      seen[accepted ? 'accepted' : 'refused'] += 1;
      expect(schemaOf(payload.event).safeParse(payload).success, 'zod').toBe(accepted);
      expect(validatorOf(payload.event)(payload), 'JSON Schema').toBe(accepted);
    });
    fc.assert(property, { numRuns: 10_000 });
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(1_000);
  }, 60_000);

  test('say the same about the published deliveries', async () => {
    for (const name of sampleNames) {
      const { event } = await verify(sample(name));
      const payload = JSON.parse(sample(name).body.toString());
      expect(blueEvent.parse(payload), name).toEqual(event);
      expect(validatorOf(payload.event)(payload), name).toBe(true);
      expect(ajv.validate('events', payload), name).toBe(true);
    }
  });

  test('give the event that a delivery is parsed to, without the secret', async () => {
    const secret = 'a secret';
    const property = fc.asyncProperty(payloads, async (generated) => {
      const payload = copyOf(generated);
      if (!isAcceptedByTables(payload)) return;
      if (payload.webhook) Object.assign(payload.webhook, { secret, other: 1 });
      const body = JSON.stringify(payload);
      const { event } = await verify({ body, signature: await sign(body, secret), secret });
      expect(schemaOf(payload.event).parse(JSON.parse(body))).toEqual(event);
      expect(blueEvent.parse(event)).toEqual(event);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  test('accept every typed event, however its delivery drifted', async () => {
    let drifted = 0;
    const property = fc.asyncProperty(payloads, async (generated) => {
      const body = JSON.stringify(generated);
      const secret = 'a secret';
      const { event, drift } = await verify({ body, signature: await sign(body, secret), secret });
      if (event.event !== 'UNKNOWN' && drift.length > 0) drifted += 1;
      expect(blueEvent.safeParse(event).success, body).toBe(true);
    });
    await fc.assert(property, { numRuns: 2_000 });
    expect(drifted).toBeGreaterThan(100);
  }, 60_000);

  test('agree with the types', () => {
    const cases = fc.sample(payloadsTo(1), { numRuns: 150, seed: 1 }).map((generated) => {
      const payload = copyOf({ webhook: null, previousValue: null, currentValue: null, ...generated });
      return { text: JSON.stringify(payload), event: payload.event, accepted: isAcceptedByTables(payload) };
    });
    expect(new Set(cases.map(({ accepted }) => accepted)).size).toBe(2);
    const lines = cases.map(
      ({ text, event }, place) =>
        `const v${place} = ${text.replace(/"event":"\w+"/, '$& as const')}; export const t${place}: EventOf<'${event}'> = v${place};`,
    );
    const refused = refusedLines(`import type { EventOf } from './src/index';\n${lines.join('\n')}\n`);
    expect(cases.filter(({ accepted }, place) => accepted === refused.has(place))).toEqual([]);
  });

  test('make a valid AsyncAPI document', () => {
    const { $id: _, ...specification } = asyncApi.schemas['3.0.0'] as { $id: string };
    const isAsyncApi = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false }).compile(
      specification,
    );
    expect(isAsyncApi(JSON.parse(fileOf('asyncapi.json'))), JSON.stringify(isAsyncApi.errors)).toBe(true);
  });
});

/** The lines, from 0 after the import, in which TypeScript finds an error. */
function refusedLines(text: string): ReadonlySet<number> {
  const path = new URL('../made-up.ts', import.meta.url).pathname;
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: ['@blue-webhooks/source'],
    target: ts.ScriptTarget.ES2022,
  };
  const host = ts.createCompilerHost(options);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, target) =>
    name === path ? ts.createSourceFile(name, text, target) : getSourceFile(name, target);
  const fileExists = host.fileExists.bind(host);
  host.fileExists = (name) => name === path || fileExists(name);
  const program = ts.createProgram([path], options, host);
  const file = program.getSourceFile(path) as ts.SourceFile;
  const diagnostics = program.getSemanticDiagnostics(file);
  return new Set(diagnostics.map(({ start = 0 }) => file.getLineAndCharacterOfPosition(start).line - 1));
}
