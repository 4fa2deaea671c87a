import { fixtures } from '../src/fixtures';
import { samples } from '../src/samples';

/** A body, and the expected result after verification. */
export interface VectorBody {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly code: string | null;
  readonly event: string | null;
}

const encoder = new TextEncoder();
const event = fixtures.TODO_MOVED;
const compact = JSON.stringify(event);
const titled = (title: string): string => `{"event":"TODO_CREATED","currentValue":{"id":"1","title":"${title}"}}`;

/** Every event, as compact JSON. */
export const events: readonly VectorBody[] = Object.entries(fixtures).map(([name, payload]) =>
  accepted(`event ${name}`, JSON.stringify(payload), (payload as { event: string }).event),
);

/** The deliveries that Blue has published, byte for byte. */
export const published: readonly VectorBody[] = Object.entries(samples).map(([name, { body, event }]) =>
  accepted(`published ${name}`, body, event),
);

/** Bodies whose bytes do not survive decoding, parsing or serialising again. */
export const formats: readonly VectorBody[] = [
  accepted('indented', JSON.stringify(event, null, 2), 'TODO_MOVED'),
  accepted('with CRLF line breaks', JSON.stringify(event, null, 2).replaceAll('\n', '\r\n'), 'TODO_MOVED'),
  accepted('with a line break at the end', `${compact}\n`, 'TODO_MOVED'),
  accepted('with spaces around', `  ${compact}\t `, 'TODO_MOVED'),
  accepted(
    'with a number that is written 1.0',
    '{"event":"TAG_CREATED","currentValue":{"id":"1","n":1.0}}',
    'TAG_CREATED',
  ),
  accepted(
    'with an integer above 2^53',
    '{"event":"TAG_CREATED","currentValue":{"id":"1","n":9007199254740993}}',
    'TAG_CREATED',
  ),
  accepted('with an exponent', '{"event":"TAG_CREATED","currentValue":{"id":"1","n":1E+2}}', 'TAG_CREATED'),
  accepted(
    'with a repeated key',
    '{"event":"TAG_DELETED","event":"TAG_CREATED","currentValue":{"id":"1"}}',
    'TAG_CREATED',
  ),
  accepted('with keys in another order', '{"currentValue":{"id":"1"},"event":"TAG_CREATED"}', 'TAG_CREATED'),
  accepted('with an escaped slash', titled('a\\/b'), 'TODO_CREATED'),
  accepted('with escaped letters', titled('\\u0041\\u00e9'), 'TODO_CREATED'),
  accepted('with two-byte characters', titled('Überprüfung'), 'TODO_CREATED'),
  accepted('with three-byte characters', titled('日本語のタイトル'), 'TODO_CREATED'),
  accepted('with an emoji of several code points', titled('👩‍👩‍👧‍👦 🇩🇪'), 'TODO_CREATED'),
  accepted('with decomposed characters', titled('Cafe\u0301'), 'TODO_CREATED'),
  accepted('with an escaped lone surrogate', titled('\\ud800'), 'TODO_CREATED'),
  accepted('with an escaped NUL', titled('\\u0000'), 'TODO_CREATED'),
  accepted('with line and paragraph separators', titled('\u2028\u2029'), 'TODO_CREATED'),
  accepted(
    'with __proto__ as a key',
    '{"__proto__":{"event":"X"},"event":"TAG_CREATED","currentValue":{"id":"1"}}',
    'TAG_CREATED',
  ),
  accepted(
    'with an event that does not exist yet',
    '{"event":"TODO_ARCHIVED","currentValue":{"id":"1"}}',
    'TODO_ARCHIVED',
  ),
  accepted('with constructor as the event', '{"event":"constructor"}', 'constructor'),
  accepted('of 63 KiB', titled('x'.repeat(64_450)), 'TODO_CREATED'),
];

/** Bodies that are genuine but not an event. */
export const unusable: readonly VectorBody[] = [
  refused('empty', '', 'BODY_NOT_JSON'),
  refused('with a byte order mark', `\ufeff${compact}`, 'BODY_NOT_JSON'),
  refused('cut off', compact.slice(0, -1), 'BODY_NOT_JSON'),
  refused('an array', '[]', 'BODY_NOT_JSON'),
  refused('null', 'null', 'BODY_NOT_JSON'),
  refused('a string', '"TODO_CREATED"', 'BODY_NOT_JSON'),
  refused('form-encoded', 'event=TODO_CREATED', 'BODY_NOT_JSON'),
  refused('with a trailing comma', '{"event":"TAG_CREATED",}', 'BODY_NOT_JSON'),
  refused('with a raw control character in a string', titled('\u0001'), 'BODY_NOT_JSON'),
  refused('without an event', '{}', 'EVENT_MISSING'),
  refused('with an empty event', '{"event":""}', 'EVENT_MISSING'),
  refused('with a number as event', '{"event":1}', 'EVENT_MISSING'),
  refused('with null as event', '{"event":null}', 'EVENT_MISSING'),
  { ...refused('with an invalid byte', '', 'BODY_NOT_UTF8'), bytes: Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d) },
  { ...refused('with an overlong encoding', '', 'BODY_NOT_UTF8'), bytes: Uint8Array.of(0x22, 0xc0, 0xaf, 0x22) },
  { ...refused('with an encoded surrogate', '', 'BODY_NOT_UTF8'), bytes: Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22) },
  { ...refused('cut inside a character', '', 'BODY_NOT_UTF8'), bytes: encoder.encode('{"a":"é').slice(0, -1) },
];

function accepted(name: string, text: string, event: string): VectorBody {
  return { name, bytes: encoder.encode(text), code: null, event };
}

function refused(name: string, text: string, code: string): VectorBody {
  return { name, bytes: encoder.encode(text), code, event: null };
}
