import type { Mutation } from './mutation';

interface SignatureMutation extends Mutation {
  /** Returns the signature without the mutation, or `undefined` if it does not have it. */
  undo(text: string): string | undefined;
}

const isHex = (text: string) => /^[0-9a-fA-F]{64}$/.test(text);
/** Removes whitespace and quotes around a text; an expression would take quadratic time for long runs inside it. */
function unwrapped(text: string): string {
  const isWrapping = (at: number) => /^[\s"']$/.test(text.charAt(at));
  let start = 0;
  let end = text.length;
  while (start < end && isWrapping(start)) start += 1;
  while (end > start && isWrapping(end - 1)) end -= 1;
  return text.slice(start, end);
}

const useAsIs = 'Use the X-Signature header as it arrives: 64 lowercase hex characters, nothing around them.';

/** In the order in which they are undone. */
const mutations: readonly SignatureMutation[] = [
  {
    id: 'signature-padded',
    cause: 'The signature has whitespace or quotes around it.',
    fix: useAsIs,
    undo: (text) => changed(text, unwrapped(text)),
  },
  {
    id: 'signature-prefixed',
    cause: 'The signature has a prefix, which Blue does not send.',
    fix: `Remove the prefix, such as 'sha256='. ${useAsIs}`,
    undo: (text) =>
      changed(
        text,
        text.replace(/^x-signature\s*[:=]\s*/i, '').replace(/^(?:(?:hmac-)?sha-?256|hmac|v\d+)\s*[=:,]\s*/i, ''),
      ),
  },
  {
    id: 'signature-base64',
    cause: 'The signature is in base64; Blue sends hex.',
    fix: "Encode the MAC as hex: createHmac('sha256', secret).update(body).digest('hex').",
    undo: (text) =>
      /^[\w+/-]{43}=?$/.test(text) && !isHex(text) ? Buffer.from(text, 'base64').toString('hex') : undefined,
  },
  {
    id: 'signature-upper-case',
    cause: 'The signature is in upper case; Blue sends lower case.',
    fix: `Do not convert its case. ${useAsIs}`,
    undo: (text) => (isHex(text) ? changed(text, text.toLowerCase()) : undefined),
  },
];

/** Returns a signature as Blue would send it and the mutations that were undone, or `undefined` if it is not a signature. */
export function plainSignature(
  text: string,
): { readonly hex: string; readonly undone: readonly Mutation[] } | undefined {
  let hex = text;
  const undone: Mutation[] = [];
  for (const mutation of mutations) {
    const plain = mutation.undo(hex);
    if (plain === undefined) continue;
    hex = plain;
    undone.push(mutation);
  }
  return /^[0-9a-f]{64}$/.test(hex) ? { hex, undone } : undefined;
}

const changed = (before: string, after: string) => (before === after ? undefined : after);
