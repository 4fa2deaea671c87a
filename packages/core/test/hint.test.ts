import fc from 'fast-check';
import { expect, test } from 'vitest';
import { webhookIdHint } from '../src/hint';
import { sample } from './samples';

const hint = (text: string) => webhookIdHint(new TextEncoder().encode(text));

test('finds the top-level webhook.id of a published delivery', () => {
  expect(webhookIdHint(sample('todo-created').body)).toBe('clb4qaopy0000vt24mlp28v03');
  expect(webhookIdHint(sample('record-created-documented').body)).toBeUndefined();
});

test.each<[string, string, string | undefined]>([
  ['spaces and other fields', '{ "event" : "X" , "webhook" : { "name" : "{\\"id\\":1}" , "id" : "w" } }', 'w'],
  ['an escaped id', '{"webhook":{"id":"a\\u0062"}}', 'ab'],
  ['an id that is a prototype key', '{"webhook":{"id":"__proto__"}}', '__proto__'],
  ['a nested webhook', '{"a":{"webhook":{"id":"no"}},"webhook":{"id":"yes"}}', 'yes'],
  ['text that looks like a webhook', '{"a":"\\"webhook\\":{\\"id\\":\\"no\\"}","webhook":{"id":"yes"}}', 'yes'],
  ['an id deeper down', '{"webhook":{"metadata":{"id":"no"},"id":"yes"}}', 'yes'],
  ['an id that is a number', '{"webhook":{"id":5,"name":"no"}}', undefined],
  ['a list', '{"webhook":[{"id":"no"}]}', undefined],
  ['a webhook that is text', '{"webhook":"id","id":"no"}', undefined],
  ['an id after the webhook', '{"webhook":{"uid":"u"},"id":"no"}', undefined],
  ['a very long id', `{"webhook":{"id":"${'x'.repeat(300)}"}}`, undefined],
  ['a webhook too far away', `{"pad":"${'x'.repeat(70_000)}","webhook":{"id":"no"}}`, undefined],
  ['a webhook in a list', '{"a":[{"webhook":{"id":"no"}}],"webhook":{"id":"yes"}}', 'yes'],
  ['a list in the webhook', '{"webhook":{"events":["a",["id"]],"id":"yes"}}', 'yes'],
  ['a key that names the webhook later', '{"a":["webhook",{"id":"no"}],"b":{"id":"no"},"webhook":{"id":"yes"}}', 'yes'],
  ['the first of two webhooks, which has none', '{"webhook":{},"webhook":{"id":"no"}}', undefined],
  ['an id that is not valid JSON', '{"webhook":{"id":"\\x"}}', undefined],
  ['the longest id', `{"webhook":{"id":"${'x'.repeat(255)}"}}`, 'x'.repeat(255)],
  ['the longest id, of three bytes per character', `{"webhook":{"id":"${'€'.repeat(255)}"}}`, '€'.repeat(255)],
  ['the longest id, of escapes', `{"webhook":{"id":"${'\\u20ac'.repeat(255)}"}}`, '€'.repeat(255)],
  ['one longer than that', `{"webhook":{"id":"${'x'.repeat(256)}"}}`, undefined],
  ['one of escapes that is longer', `{"webhook":{"id":"${'\\u20ac'.repeat(256)}"}}`, undefined],
  ['no JSON at all', '}}}]]] "webhook":{"id":"no"', undefined],
  ['a list of the key and an id', '{"webhook":["id","no"]}', undefined],
  ['an id without a value that is text', '{"webhook":{"id":null,"name":"no"}}', undefined],
  ['an object without webhook before it', '{"a":{"id":"no"},"webhook":{"id":"yes"}}', 'yes'],
  ['an id deeper down after a list', '{"webhook":{"a":[1,{"id":"no"}],"b":"no","id":"yes"}}', 'yes'],
  ['an unterminated id', '{"webhook":{"id":"no', undefined],
  ['nothing', '', undefined],
])('%s', (_title, text, expected) => {
  expect(hint(text)).toBe(expected);
});

test('agrees with JSON.parse on any delivery', () => {
  const key = fc.oneof(fc.constantFrom('webhook', 'id', 'event', '__proto__'), fc.string());
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any')),
      fc.dictionary(key, tie('any')),
    ),
  })).any;
  const webhook = fc.record({ name: value, id: fc.oneof(fc.string({ maxLength: 40 }), value), events: value });
  const payload = fc.record({ event: value, before: value, webhook: fc.oneof(webhook, value), after: value });
  fc.assert(
    fc.property(payload, fc.constantFrom(0, 2), (delivery, indent) => {
      const text = JSON.stringify(delivery, null, indent);
      const { webhook } = JSON.parse(text) as { webhook: { id?: unknown } | null };
      const isObject = typeof webhook === 'object' && webhook !== null && !Array.isArray(webhook);
      const id = isObject && Object.hasOwn(webhook, 'id') ? webhook.id : undefined;
      expect(hint(text)).toBe(typeof id === 'string' && id.length <= 255 ? id : undefined);
    }),
    { numRuns: 2_000, seed: 7 },
  );
});
