import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { documents } from '@blue-webhooks/api';
import { blueSchema, type Generation } from '@blue-webhooks/testing';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';

const newer: Partial<Record<keyof typeof documents, readonly Generation[]>> = {
  RecordsB: ['B', 'C'],
  CommentThreads: ['B', 'C'],
  TrialB: ['B', 'C'],
  RecordsC: ['C'],
  ListsC: ['C'],
  WorkspacesC: ['C'],
  TrialC: ['C'],
};

describe('documents', () => {
  test.each(['A', 'B', 'C'] as const)('are valid in generation %s, except those of newer ones', (generation) => {
    const schema = buildSchema(blueSchema(generation));
    for (const [name, text] of Object.entries(documents)) {
      const expected = newer[name as keyof typeof documents]?.includes(generation) ?? true;
      const errors = validate(schema, parse(text));
      expect(errors.length === 0, `${name}: ${errors[0]?.message ?? 'valid'}`).toBe(expected);
    }
  });

  test('declare no variable of a type that generation C renames', () => {
    for (const [name, text] of Object.entries(documents)) {
      expect(text, name).not.toMatch(/\$\w+: \[?(DiscussionOrderByInput|TodoListsFilterInput)/);
    }
  });

  test('select nothing that only generation A has for certain', () => {
    for (const [name, text] of Object.entries(documents)) {
      expect(text, name).not.toMatch(/\b(company|discussion|projectUserRole|todoUsers|todoTags|todoCustomFields)\b/);
    }
  });

  test('have the types that the generator makes of them', () => {
    // In a process of its own: graphql-js refuses a schema of another copy of itself.
    const generator = fileURLToPath(new URL('../tools/generate-types.ts', import.meta.url));
    const flags = ['--conditions=@blue-webhooks/source', '--import', 'tsx', generator, '--print'];
    const cwd = fileURLToPath(new URL('..', import.meta.url));
    const generated = execFileSync(process.execPath, flags, { cwd, encoding: 'utf8' });
    expect(readFileSync(new URL('../src/operations.ts', import.meta.url), 'utf8')).toBe(generated);
  });
});
