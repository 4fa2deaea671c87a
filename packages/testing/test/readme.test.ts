import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test("the README's example for CI is the one that these tests run", () => {
  expect(read('../README.md')).toContain(`\`\`\`ts\n${read('./ci-example.test.ts')}\`\`\``);
});
