import { expect, test } from 'vitest';
import { complaints } from './typescript';

test("the middlewares fit the oldest Hono's own types without a cast", () => {
  const oldest = `${import.meta.dirname}/../node_modules/hono-oldest/dist/types`;
  const paths = { hono: [`${oldest}/index`], 'hono/http-exception': [`${oldest}/http-exception`] };
  expect(complaints(`${import.meta.dirname}/types.test-d.ts`, paths)).toEqual([]);
}, 120_000);
