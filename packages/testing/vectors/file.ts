import { allVectors } from './vectors';

const about =
  'Requests to a receiver of Blue webhooks. X-Signature is HMAC-SHA256 over the raw body under the secret, as exactly 64 lowercase hex characters, exactly once. `genuine` says whether the signature is right; `code` why the delivery is refused, also a genuine one that is not an event.';

/** The text of `vectors.json`: one vector a line. */
export function vectorsFile(): string {
  const vectors = allVectors().map((vector) => `    ${JSON.stringify(vector)}`);
  return `{\n  "about": ${JSON.stringify(about)},\n  "vectors": [\n${vectors.join(',\n')}\n  ]\n}\n`;
}
