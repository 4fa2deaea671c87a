import type { Mutation } from './mutation';

/** Bytes that the signature may have been made over. */
export interface BodyForm {
  readonly bytes: Uint8Array;
  readonly mutation: Mutation | undefined;
}

interface BodyMutation extends Mutation {
  /** The bytes with the mutation, and without it, since nobody knows which side of it the file is on. */
  forms(body: Buffer): readonly (Buffer | undefined)[];
}

const rawBytes =
  'Verify the bytes as they arrive, before any parser: in Express mount the route before express.json(), or use keepRawBody.';
const saved = 'If only the file is at fault, save the body as it arrives.';
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** The narrow ones first: written anew, a body loses its last line break and its byte order mark as well. */
const mutations: readonly BodyMutation[] = [
  {
    id: 'body-crlf',
    cause: 'The signature fits the body with other line ends (CRLF and LF were exchanged).',
    fix: `Something on the way converts line ends: git's autocrlf, an editor, a text-mode read. ${rawBytes} ${saved}`,
    forms: (body) => [replaced(body, /\r?\n/g, '\r\n'), replaced(body, /\r\n/g, '\n')],
  },
  {
    id: 'body-bom',
    cause: 'The signature fits the body with a byte order mark more or less at its beginning.',
    fix: `A decoder removes the mark, or an editor adds it. ${rawBytes} ${saved}`,
    forms: (body) => [body.subarray(0, 3).equals(BOM) ? body.subarray(3) : Buffer.concat([BOM, body])],
  },
  {
    id: 'body-newline',
    cause: 'The signature fits the body with a line break more or less at its end.',
    fix: `An editor, echo or a heredoc adds one; --data-binary of curl keeps it, --data drops it. ${saved}`,
    forms: (body) => [
      Buffer.concat([body, Buffer.from('\n')]),
      Buffer.concat([body, Buffer.from('\r\n')]),
      replaced(body, /(?:\r?\n)+$/g, ''),
    ],
  },
  {
    id: 'body-latin1',
    cause: 'The signature fits the body with its UTF-8 taken for Latin-1, once too often or once too few.',
    fix: `Something decodes the body as Latin-1 ('latin1', 'binary'). ${rawBytes}`,
    forms: (body) => [Buffer.from(body.toString('latin1')), Buffer.from(body.toString(), 'latin1')],
  },
  {
    id: 'body-ascii',
    cause: 'The signature fits the body decoded as ASCII, in which every other character is lost.',
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
    cause: 'The signature fits the body with one layer of base64 more or less.',
    fix: "Decode the body first: Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8') in AWS Lambda.",
    forms: (body) => [Buffer.from(body.toString('base64')), decoded(body)],
  },
  {
    id: 'body-compact',
    cause: 'The signature fits the body written anew as compact JSON, which is not what the file holds.',
    fix: `Never JSON.stringify a parsed body. ${rawBytes} ${saved}`,
    forms: (body) => [rewritten(body, (value) => JSON.stringify(value))],
  },
  {
    id: 'body-indented',
    cause: 'The signature fits the body as indented JSON, which is not what the file holds.',
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

/** Every form of the body worth a try, beginning with its own. */
export function bodyForms(bytes: Uint8Array): readonly BodyForm[] {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const forms = mutations.flatMap((mutation) =>
    mutation.forms(body).flatMap((form) => (form && !form.equals(body) ? [{ bytes: form, mutation }] : [])),
  );
  return [{ bytes: body, mutation: undefined }, ...forms];
}

function rewritten(body: Buffer, write: (value: unknown) => string): Buffer | undefined {
  try {
    return Buffer.from(write(JSON.parse(body.toString().replace(/^\ufeff/, ''))));
  } catch {
    return undefined; // no JSON, or nested too deeply to be written
  }
}

/** With a space after each comma and colon, as Python's `json.dumps` writes. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${spaced(inner)}`)
    .join(', ')}}`;
}

/** With every character outside ASCII escaped. */
const ascii = (json: string) =>
  json.replace(/[^\p{ASCII}]/gu, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );

/** Byte for byte, whatever the encoding: these patterns look at ASCII only. */
const replaced = (body: Buffer, pattern: RegExp, by: string) =>
  Buffer.from(body.toString('latin1').replace(pattern, by), 'latin1');

function decoded(body: Buffer): Buffer | undefined {
  const text = body.toString('latin1').trim();
  return text.length > 0 && /^[\w+/\s-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}
