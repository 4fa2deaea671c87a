import { fixtures } from '../fixtures';
import { type Deliverable, signedDelivery } from '../signed-delivery';
import type { ContractRequest } from './send';

/** The secret of the contract's receivers. */
export const secret = 'a secret for the adapter contract';

/** The `maxBodyBytes` of the cases about size. */
export const limitBytes = 4_096;

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A delivery with characters of two, three and four bytes. */
export const wide = { event: 'TODO_CREATED', currentValue: { id: '1', title: 'Grüße 👋🏽 日本語 \u2028' } };

/** The published delivery as indented JSON: other bytes, the same value. */
export const indented = bytes(JSON.stringify(fixtures.TODO_CREATED, null, 2));

export async function signed(event: Deliverable, more: Partial<ContractRequest> = {}): Promise<ContractRequest> {
  const { body, headers } = await signedDelivery(event, { secret });
  return { method: 'POST', headers, body, ...more };
}

/** The published delivery with its signature replaced by the result of `change`. */
export async function withSignature(
  change: (signature: string) => string | string[] | undefined,
): Promise<ContractRequest> {
  const { headers, ...request } = await signed('TODO_CREATED');
  const { 'x-signature': signature, ...others } = headers;
  const changed = change(signature as string);
  return { ...request, headers: changed === undefined ? others : { ...others, 'x-signature': changed } };
}

/** The published delivery with one header more. */
export async function withHeader(name: string, value: string): Promise<ContractRequest> {
  const { headers, ...request } = await signed('TODO_CREATED');
  return { ...request, headers: { ...headers, [name]: value } };
}

/** The published delivery with one bit of its body flipped. */
export async function tampered(): Promise<ContractRequest> {
  const request = await signed('TODO_CREATED');
  const body = request.body.slice();
  body[100] = (body[100] as number) ^ 1;
  return { ...request, body };
}

/** A genuine delivery of exactly `byteLength` bytes. */
export function sized(byteLength: number): Promise<ContractRequest> {
  const frame = JSON.stringify({ event: 'TODO_CREATED', currentValue: { id: '1', title: '' } }).length;
  return signed({ event: 'TODO_CREATED', currentValue: { id: '1', title: 'x'.repeat(byteLength - frame) } });
}

/** The same request, with its body in chunks of this size. */
export async function inPieces(request: Promise<ContractRequest>, pieceBytes: number): Promise<ContractRequest> {
  const { body, ...rest } = await request;
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < body.length; start += pieceBytes) pieces.push(body.subarray(start, start + pieceBytes));
  return { ...rest, body, pieces };
}
