import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasRepeatedName } from '../src/repeated-name';

test.each([
  ['{}', false],
  ['{"a":1,"b":1}', false],
  ['{"a":1,"a":1}', true],
  ['{"a":{"a":{"a":1}},"b":{"a":1}}', false],
  ['{"a":[{"b":1},{"b":1}]}', false],
  ['{"a":[{"b":1,"c":{"d":2,"d":3}}]}', true],
  ['{"a":"a","b":"a","c":"b"}', false],
  ['{"a":1,"\\u0061":1}', true],
  ['{"a":1,"\\\\u0061":1}', false],
  ['{"a\\"":1,"a\\\\":1}', false],
  ['{"a":"{\\"b\\":1,\\"b\\":1}"}', false],
  ['{ "a" : 1 , "a" : 2 }', true],
  ['{"__proto__":1,"constructor":1}', false],
  ['{"__proto__":1,"__proto__":1}', true],
])('%s: %s', (json, repeated) => {
  expect(hasRepeatedName(json)).toBe(repeated);
});

test('no text that JSON.stringify writes has a repeated name', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => !hasRepeatedName(JSON.stringify(value, null, 1))));
});

test('a member that is added again, anywhere, is found', () => {
  const leaf = fc.record({ a: fc.jsonValue(), b: fc.jsonValue() });
  fc.assert(
    fc.property(
      leaf,
      fc.string(),
      fc.array(fc.constantFrom('[', '{"k":'), { maxLength: 5 }),
      (object, name, around) => {
        const inner = JSON.stringify({ [name]: 1, inner: object });
        const repeated = `${inner.slice(0, -1)},${JSON.stringify(name)}:2}`;
        const wrap = (text: string) => around.reduce((json, open) => `${open}${json}${open === '[' ? ']' : '}'}`, text);
        return name === 'inner' || (hasRepeatedName(wrap(repeated)) && !hasRepeatedName(wrap(inner)));
      },
    ),
  );
});

test('depth and length cost no stack', () => {
  expect(hasRepeatedName('['.repeat(500_000) + ']'.repeat(500_000))).toBe(false);
  expect(hasRepeatedName(`{"a":"${'\\n'.repeat(500_000)}"}`)).toBe(false);
});
