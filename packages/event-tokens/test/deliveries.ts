import { type Delivery, verify } from '@blue-webhooks/core';
import { type Deliverable, signedDelivery } from '@blue-webhooks/testing';
import { isVerified, type VerifiedDelivery } from '../src/index';

const secret = 'a secret';

/** A delivery that was signed as Blue signs it and verified as a receiver verifies it. */
export async function verifiedDelivery(event: Deliverable = 'TODO_MOVED'): Promise<VerifiedDelivery> {
  const { body, headers } = await signedDelivery(event, { secret });
  const delivery = await verify({ body, signature: headers['x-signature'], secret });
  if (!isVerified(delivery)) throw new Error('It was signed.');
  return delivery;
}

/** A delivery that came without a signature. */
export async function unsignedDelivery(event: Deliverable = 'TODO_MOVED'): Promise<Delivery> {
  const { body } = await signedDelivery(event, { secret });
  return verify({ body, signature: undefined, allowUnsigned: true });
}
