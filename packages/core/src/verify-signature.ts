import { hmac } from '#hmac';
import { isSignature } from './bytes';
import { proceed } from './proceed';
import { type Candidate, own, prepareSecrets, type Secrets, type SecretValue } from './secrets';
import { type Body, findSigner, onlyValue, rawBytes, type SignatureHeader } from './signature';

/**
 * The `X-Signature` that Blue would send with this body: HMAC-SHA256 (RFC 2104) as 64 lowercase hex characters.
 * @throws TypeError if the secret is empty or blank, or the body is a parsed object
 */
export async function sign(body: Body, secret: SecretValue): Promise<string> {
  const [candidate] = prepareSecrets(secret);
  return hmac.sign((candidate as Candidate).key, rawBytes(body));
}

/**
 * Whether a body carries a genuine signature under one of the secrets. Looks at nothing but bytes; a missing or
 * malformed signature is `false`.
 * @throws TypeError if a secret is empty or blank, or the body is a parsed object
 */
export async function verifySignature(delivery: {
  body: Body;
  signature: SignatureHeader;
  secret: Secrets;
}): Promise<boolean> {
  const candidates = prepareSecrets(own(delivery, 'secret'));
  const bytes = rawBytes(delivery.body);
  const signature = onlyValue(delivery.signature);
  return isSignature(signature) && proceed(findSigner(candidates, bytes, signature), (signer) => signer !== undefined);
}
