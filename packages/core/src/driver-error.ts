import { branded } from './brand';
import { keepAlive } from './wait-until';

const MAX_CAUSES = 5;
const MAX_MESSAGE_LENGTH = 200;
const MAX_WORD_LENGTH = 40;

const brand = Symbol.for('blue-webhooks.DriverError');

/**
 * What a dependency (a Redis client, an SQL driver, a queue) reported, without what its own error carries: drivers attach
 * the arguments of the failed command, and with them a delivery's body or a password. Only the error's name, its code and
 * a redacted message are copied; the original error is not reachable from here.
 */
export class DriverError extends Error {
  override readonly name = 'DriverError';
  /** The code of the driver or the system, such as `SQLITE_FULL`, `ECONNREFUSED` or an SQLSTATE. */
  readonly code: string | undefined;
  /** Declared, not initialised: a bundler cannot leave out a class with a computed field. */
  declare readonly [brand]: true;

  private constructor(message: string, code: string | undefined, options: ErrorOptions) {
    super(message, options);
    this.code = code;
    this[brand] = true;
  }

  /** Copies what is safe of an error and of its causes. Never throws, whatever the driver threw. */
  static from(error: unknown, depth = 0): DriverError {
    if (DriverError.is(error)) return error;
    keepAlive(undefined, error); // a rejected promise that was thrown would count as unhandled
    const code = identifier(read(error, 'code'));
    const name = identifier(read(error, 'name')) ?? 'Error';
    const text = redact(typeof error === 'string' ? error : read(error, 'message')) || (code ?? 'no message');
    const cause = depth < MAX_CAUSES ? (read(error, 'cause') ?? firstOf(read(error, 'errors'))) : undefined;
    return new DriverError(
      `${name}: ${text}`,
      code,
      cause === undefined ? {} : { cause: DriverError.from(cause, depth + 1) },
    );
  }

  /** Recognises it across two copies of this package, where `instanceof` fails. */
  static is(error: unknown): error is DriverError {
    return branded(error, brand);
  }
}

/** A property of anything, `undefined` where reading it throws. */
function read(value: unknown, key: 'code' | 'name' | 'message' | 'cause' | 'errors'): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

function firstOf(errors: unknown): unknown {
  try {
    return Array.isArray(errors) ? errors[0] : undefined;
  } catch {
    return undefined;
  }
}

const identifier = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= MAX_WORD_LENGTH && /^\w+$/.test(value) ? value : undefined;

/**
 * A message up to the first quotation, structure or secret in it, where drivers put arguments: `ERR unknown command 'x', with
 * args beginning with: …`. URLs keep their scheme only, and settings (`user=…`) their name; long words are never prose.
 */
function redact(message: unknown): string {
  if (typeof message !== 'string') return '';
  const text = message.slice(0, MAX_MESSAGE_LENGTH);
  const quoted = text.search(/["`{[<]|(?<![a-z])'|'(?![a-z])|\n/i);
  const end = Math.min(quoted === -1 ? text.length : quoted, endOfSecretName(text));
  const words = text.slice(0, end).split(' ').map(redactWord);
  return `${words.join(' ').trim()}${end === message.length ? '' : ' …'}`.trim();
}

/** Where what follows the name of a secret may be the secret: `password=x`, `Authorization: Bearer x`, `the token is: x`. */
function endOfSecretName(text: string): number {
  const name = text.search(/pass|secret|token|key|auth|credential|signature/i);
  const sign = name === -1 ? -1 : text.slice(name).search(/[:=]/);
  return sign === -1 ? text.length : name + sign + 1;
}

function redactWord(word: string, place: number, words: readonly string[]): string {
  if (words[place - 1]?.endsWith('=')) return '…';
  const scheme = /^\W?(\w{1,20}):\/\//.exec(word)?.[1];
  if (scheme) return `${scheme}://…`;
  const setting = word.indexOf('=');
  if (setting !== -1 && setting < word.length - 1) return `${word.slice(0, setting + 1)}…`;
  return word.length > MAX_WORD_LENGTH || /@|:\/\//.test(word) ? '…' : word;
}
