import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { errorText } from '../src/error-text';

const rawBody = JSON.stringify({
  event: 'TODO_CREATED',
  currentValue: {
    id: 'clakt90vu000008l0g4oxdqn7',
    title: 'The private title of a private customer',
    html: '<p>Zoë</p>',
  },
});

describe('what is stored of a handler’s error', () => {
  test('is its name and its message', () => {
    const error = Object.assign(new RangeError('no such customer clakt90vu000008l0g4oxdqn7'), { args: [rawBody] });
    expect(errorText(error, rawBody)).toBe('RangeError: no such customer clakt90vu000008l0g4oxdqn7');
  });

  test.each<[string, (body: string) => string]>([
    ['as it is', (body) => `ERR unknown command 'FOO', with args beginning with: ${body}`],
    ['escaped', (body) => `invalid input: ${JSON.stringify(body)}`],
    ['escaped twice', (body) => `invalid input: ${JSON.stringify(JSON.stringify(body))}`],
    ['inspected', (body) => `parameters: ${inspect([body], { maxStringLength: null })}`],
    ['cut off', (body) => `Failed at ${body.slice(20, 90)}…`],
    ['as a value of it', (body) => `Key (title)=(${JSON.parse(body).currentValue.title}) already exists.`],
    ['with other white space', (body) => `Cannot send ${JSON.stringify(JSON.parse(body), null, 2)} to the CRM`],
  ])('does not quote the body %s', (_how, message) => {
    const text = errorText(new Error(message(rawBody)), rawBody);
    expect(text).toMatch(/^Error: \w/);
    expect(text).not.toContain('private');
    expect(text).toContain('…');
  });

  test('does not quote a body that was signed with escapes, read and written again', () => {
    const escaped = rawBody.replace(/[^\x20-\x7e]|private/g, (found) =>
      [...found].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
    );
    expect(escaped).not.toContain('private');
    expect(errorText(new Error(`rejected: ${rawBody}`), escaped)).not.toContain('private');
  });

  test('keeps what is before and behind a quotation', () => {
    expect(errorText(new Error(`before ${rawBody} behind`), rawBody)).toMatch(/^Error: before .*… behind$/);
  });

  test('of several errors quotes the body in none', () => {
    const errors = [new Error(`one ${rawBody}`), new Error(`two ${rawBody}`)];
    const text = errorText(new AggregateError(errors, '2 handlers failed.'), rawBody);
    expect(text).toContain('2 handlers failed.');
    expect(text).not.toContain('private');
  });

  test.each([
    ['connect to postgres://crm:hunter2@db.example/crm failed', 'Error: connect to postgres://…@db.example/crm failed'],
    ['Invalid URL (redis://:hunter2@h/0?x=@hunter2/@h)', 'Error: Invalid URL (redis://…@h)'],
    ['POST https://token-hunter2@api.example\nwas refused', 'Error: POST https://…@api.example\nwas refused'],
    ['sent to ada@example.com via https://api.example', 'Error: sent to ada@example.com via https://api.example'],
  ])('shows no user name and no password of a URL: %s', (message, text) => {
    expect(errorText(new Error(message), rawBody)).toBe(text);
  });

  test('is at most 1,000 characters, of which none is half a quotation', () => {
    const text = errorText(new Error(`${'x'.repeat(985)} ${rawBody}`), rawBody);
    expect(text.length).toBeLessThanOrEqual(1_000);
    expect(text).not.toContain('TODO_CREATED');
  });

  test('looks through a body of 5 MiB once for each window, however often it repeats', () => {
    const large = JSON.stringify({ html: 'ab'.repeat(2_500_000) });
    expect(errorText(new Error('ab'.repeat(500)), large)).toMatch(/^Error.{0,2}…$/);
  });
});
