import type { Mutation } from './mutation';

/** Bytes that the signature may have been computed over. */
export interface BodyForm {
  readonly bytes: Uint8Array;
  /** What was changed: nothing, one thing, or two that happen together. */
  readonly mutations: readonly Mutation[];
}

interface BodyMutation extends Mutation {
  /** Returns the bytes with the change made and with it undone: the file may be on either side of it. */
  forms(body: Buffer): readonly (Buffer | undefined)[];
}

const rawBytes =
  'Verify the bytes as they arrive, before any parser: in Express mount the route before express.json(), or use keepRawBody.';
const saved = 'If only the file is wrong, save the body as it arrives.';
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

const mutations: readonly BodyMutation[] = [
  {
    id: 'body-crlf',
    cause: 'The signature fits the body with other line endings (CRLF instead of LF, or the other way around).',
    fix: `Something converts line endings: git's autocrlf, an editor, a text-mode read. ${rawBytes} ${saved}`,
    forms: (body) => [
      replaced(body, /\r\n|\n|\r/g, '\r\n'),
      replaced(body, /\r\n|\r/g, '\n'),
      replaced(body, /\r\n|\n/g, '\r'),
      replaced(body, /\n/g, '\r\n'),
      replaced(body, /\r\n/g, '\n'),
      replaced(body, /\r\n/g, '\r\r\n'),
      replaced(body, /\r\r\n/g, '\r\n'),
    ],
  },
  {
    id: 'body-bom',
    cause: 'The signature fits the body with a byte order mark added or removed.',
    fix: `A decoder removes the mark, or an editor adds it. ${rawBytes} ${saved}`,
    forms: (body) => [body.subarray(0, 3).equals(BOM) ? body.subarray(3) : undefined, Buffer.concat([BOM, body])],
  },
  {
    id: 'body-newline',
    cause: 'The signature fits the body with more or fewer line breaks at its end.',
    fix: `An editor, echo or a heredoc adds one; --data-binary of curl keeps it, --data drops it. ${saved}`,
    forms: (body) => {
      const stem = trimmed(body, LINE_BREAKS);
      const breaks = ['\n', '\r\n', '\r'].flatMap((one) => [1, 2, 3].map((times) => one.repeat(times)));
      // One line break less than the file has, one or two more, and any other number of them.
      const last = /(?:\r\n|\n|\r)$/.exec(body.subarray(-2).toString('latin1'))?.[0] ?? '';
      const others = ['\n', '\r\n', '\r', '\n\n', '\r\n\r\n'].map((more) => Buffer.concat([body, Buffer.from(more)]));
      return [
        body.subarray(0, body.length - last.length),
        ...others,
        stem,
        ...breaks.map((end) => Buffer.concat([stem, Buffer.from(end)])),
      ];
    },
  },
  {
    id: 'body-whitespace',
    cause: 'The signature fits the body with other spaces, tabs or line breaks at its beginning or end.',
    fix: `Something trims the body, or a template adds to it. ${rawBytes} ${saved}`,
    forms: (body) => {
      const end = trimmed(body, WHITESPACE);
      const start = body.subarray(body.length - trimmed(Buffer.from(body).reverse(), WHITESPACE).length);
      const ends = [' ', '  ', '\t', ' \n', ' \r\n', '\0'].map((more) => Buffer.from(more));
      return [
        end,
        start,
        start.subarray(0, Math.max(0, start.length - (body.length - end.length))),
        ...ends.flatMap((more) => [Buffer.concat([body, more]), Buffer.concat([end, more])]),
        ...[' ', '\n', '\r\n', '\t'].map((more) => Buffer.concat([Buffer.from(more), body])),
        replaced(body, /[ \t](?=[\r\n])/g, ''),
      ];
    },
  },
  {
    id: 'body-no-line-breaks',
    cause: 'The signature fits the body without any of its line breaks.',
    fix: `curl --data @FILE drops them all: use --data-binary. ${saved}`,
    forms: (body) => [replaced(body, /[\r\n]/g, ''), replaced(body, /[\0\r\n]/g, '')],
  },
  {
    id: 'body-latin1',
    cause: 'The signature fits the body with its UTF-8 decoded as Latin-1, or the other way around.',
    fix: `Something decodes the body as Latin-1 ('latin1', 'binary'). ${rawBytes}`,
    forms: (body) => [Buffer.from(body.toString('latin1')), Buffer.from(body.toString(), 'latin1')],
  },
  {
    id: 'body-ascii',
    cause: 'The signature fits the body decoded as ASCII, which loses every other character.',
    fix: `Something decodes the body as ASCII. ${rawBytes}`,
    forms: (body) => [
      Buffer.from(body.toString('ascii')),
      Buffer.from(body.toString('latin1').replace(/[^\p{ASCII}]/gu, '\ufffd')),
      Buffer.from(body.toString('latin1').replace(/[^\p{ASCII}]/gu, '?')),
      Buffer.from(body.toString().replace(/[^\p{ASCII}]/gu, '?')),
      Buffer.from(body.toString().replace(/[^\p{ASCII}]/gu, '')),
    ],
  },
  {
    id: 'body-base64',
    cause: 'The signature fits the body with one layer of base64 added or removed.',
    fix: "Decode the body first: Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8') in AWS Lambda.",
    forms: (body) => [Buffer.from(body.toString('base64')), decoded(body)],
  },
  {
    id: 'body-compact',
    cause: 'The signature fits the body serialised again as compact JSON, which differs from the file.',
    fix: `Never JSON.stringify a parsed body. ${rawBytes} ${saved}`,
    forms: (body) => [rewritten(body, (value) => JSON.stringify(value))],
  },
  {
    id: 'body-indented',
    cause: 'The signature fits the body as indented JSON, which differs from the file.',
    fix: `Never format a body before it is verified. ${rawBytes} ${saved}`,
    forms: (body) => [2, 4, '\t'].map((indent) => rewritten(body, (value) => JSON.stringify(value, null, indent))),
  },
  {
    id: 'body-other-serialiser',
    cause:
      'The signature fits the body as another language writes JSON (Python with spaces, PHP with escaped slashes).',
    fix: `Never serialise a parsed body. ${rawBytes} ${saved}`,
    forms: (body) => [
      rewritten(body, (value) => spaced(value)),
      rewritten(body, (value) => ascii(spaced(value))),
      rewritten(body, (value) => ascii(JSON.stringify(value))),
      rewritten(body, (value) => ascii(JSON.stringify(value)).replaceAll('/', '\\/')),
    ],
  },
];

/** What editors, shells and transports change, often two of them at a time. */
const ofTransport = ['body-crlf', 'body-bom', 'body-newline'];
/** What a parser loses when it writes a body again: its indentation, and what editors have added. */
const ofParsers = ['body-compact', 'body-indented'];

/**
 * Yields every form of the body to try, its own first. Changes of transport, alone and in pairs, come before those of
 * serialisers and decoders, which lose line breaks and the byte order mark, too. Forms are created one at a time: all of them
 * would need a lot of memory.
 */
export function* bodyForms(bytes: Uint8Array): Generator<BodyForm> {
  const body = bufferOf(bytes);
  const isTransport = ({ id }: Mutation) => ofTransport.includes(id);
  const together = mutations.filter(isTransport);
  yield { bytes: body, mutations: [] };
  yield* formsOf(body, [], together);
  for (const [place, first] of together.entries()) {
    for (const form of formsOf(body, [], [first])) {
      yield* formsOf(bufferOf(form.bytes), [first], together.slice(place + 1));
    }
  }
  for (const mutation of mutations) if (!isTransport(mutation)) yield* formsOf(body, [], [mutation]);
  for (const first of mutations.filter(({ id }) => ofParsers.includes(id))) {
    for (const form of formsOf(body, [], [first])) yield* formsOf(bufferOf(form.bytes), [first], together);
  }
}

function formsOf(body: Buffer, before: readonly Mutation[], after: readonly BodyMutation[]): BodyForm[] {
  return after.flatMap((mutation) =>
    distinct(mutation.forms(body), body).map((bytes) => ({ bytes, mutations: [...before, mutation] })),
  );
}

/** The forms that differ from the body and from each other. */
function distinct(forms: readonly (Buffer | undefined)[], body: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (const form of forms) {
    if (form && !form.equals(body) && !found.some((other) => other.equals(form))) found.push(form);
  }
  return found;
}

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const LINE_BREAKS = new Set([0x0a, 0x0d]);
const WHITESPACE = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20]);

/** The body without such bytes at its end. */
function trimmed(body: Buffer, bytes: ReadonlySet<number>): Buffer {
  let end = body.length;
  while (end > 0 && bytes.has(body[end - 1] as number)) end -= 1;
  return body.subarray(0, end);
}

function rewritten(body: Buffer, write: (value: unknown) => string): Buffer | undefined {
  try {
    return Buffer.from(write(JSON.parse(body.toString().replace(/^\ufeff/, ''))));
  } catch {
    return undefined; // not JSON, or nested too deeply to be written
  }
}

/** Serialises with a space after each comma and colon, as Python's `json.dumps` does. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${spaced(inner)}`)
    .join(', ')}}`;
}

/** Escapes every character outside ASCII. */
const ascii = (json: string) =>
  json.replace(/[^\p{ASCII}]/gu, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );

/** Replaces bytes in any encoding: the patterns contain ASCII only. */
const replaced = (body: Buffer, pattern: RegExp, by: string) =>
  Buffer.from(body.toString('latin1').replace(pattern, by), 'latin1');

function decoded(body: Buffer): Buffer | undefined {
  const text = body.toString('latin1').trim();
  return text.length > 0 && /^[\w+/\s-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
