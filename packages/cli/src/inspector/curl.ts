import { forwardable } from '../post';

const MAX_ARGUMENT = 100_000;

/** Returns a shell command that sends the same bytes with the same headers. Every argument is quoted. */
export function curlOf(url: string, headers: readonly string[], body: Uint8Array): string {
  const kept = forwardable(headers);
  const options = kept.flatMap((name, place) =>
    place % 2 === 0 ? [`-H ${quoted(`${name}: ${kept[place + 1]}`)}`] : [],
  );
  const command = ['curl -i', quoted(url), ...options].join(' \\\n  ');
  const text = plainText(body);
  if (text !== undefined) return `${command} \\\n  --data-raw ${quoted(text)}\n`;
  const base64 = Buffer.from(body).toString('base64').replace(/.{76}/g, '$&\n');
  return `base64 -d <<'END' | ${command} \\\n  --data-binary @-\n${base64}\nEND\n`;
}

/** Returns the body as text if a clipboard and an argument preserve it: short, valid UTF-8, without control characters. */
function plainText(body: Uint8Array): string | undefined {
  if (body.length > MAX_ARGUMENT) return undefined;
  const text = Buffer.from(body).toString();
  const survives = Buffer.from(text).equals(body) && !/(?!\n)\p{C}/u.test(text);
  return survives ? text : undefined;
}

/** Quotes for a POSIX shell: within single quotes, only the single quote is special. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
