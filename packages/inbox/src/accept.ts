import type { StoredDelivery } from '@blue-webhooks/core';
import { kindOf, parseVerified } from '@blue-webhooks/core/adapter';
import { factsOf } from './delivery';
import type { Cipher } from './encryption/cipher';
import type { Report } from './inbox-event';
import type { Intake } from './intake';
import { newDelivery } from './new-delivery';
import { requireDate } from './queries';

/** How accepted deliveries are stored. */
export interface AcceptSettings {
  readonly ordered: boolean;
  readonly report: Report;
  readonly cipher: Pick<Cipher, 'digest'>;
  /** Whether the store can use an id as it is. Defaults to any of 1 to 64 characters. */
  readonly isId?: ((id: string) => boolean) | undefined;
}

/** As long as the ids that a ledger receives. */
const MAX_ID_LENGTH = 64;
/** Control characters and halves of surrogate pairs, which databases refuse or change. */
const unstorable = /[\p{Cc}\p{Cs}]/u;
const signatures: readonly unknown[] = ['verified', 'unsigned', 'backfill'];

/** Creates the function that stores deliveries which need no verification. */
export function createAccept(
  put: Intake['put'],
  { ordered, report, cipher, isId = () => true }: AcceptSettings,
): (delivery: StoredDelivery) => Promise<'stored' | 'duplicate'> {
  return async (given) => {
    const stored = requireStored(given, isId);
    const { event, drift } = parseVerified(stored.rawBody);
    const id = stored.signature === 'verified' ? stored.id : await cipher.digest(stored.id);
    const delivery = newDelivery({ ...stored, id, signal: given.signal, event, drift }, ordered);
    const result = await put(delivery);
    if (result === 'stored') report({ type: 'stored', delivery: factsOf(delivery) });
    return result;
  };
}

type Checked = Pick<StoredDelivery, 'id' | 'rawBody' | 'signature' | 'secretId' | 'receivedAt' | 'attempt'>;

/** Returns the fields that are stored. @throws TypeError naming the first one that is invalid, without its value */
function requireStored(delivery: unknown, isId: (id: string) => boolean): Checked {
  if (typeof delivery !== 'object' || delivery === null) {
    throw new TypeError(`accept needs a delivery, got ${kindOf(delivery)}.`);
  }
  const { id, rawBody, signature, secretId, receivedAt } = delivery as Partial<StoredDelivery>;
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH || unstorable.test(id) || !isId(id)) {
    throw new TypeError(
      `The id of an accepted delivery must be a string of 1 to ${MAX_ID_LENGTH} characters that this inbox can store, got ${kindOf(id)}. Use 32 lowercase hex characters, as the receiver does.`,
    );
  }
  if (typeof rawBody !== 'string') {
    throw new TypeError(`The rawBody of an accepted delivery must be a string, got ${kindOf(rawBody)}.`);
  }
  if (signature === undefined || !signatures.includes(signature)) {
    throw new TypeError("The signature of an accepted delivery must be 'verified', 'unsigned' or 'backfill'.");
  }
  if (secretId !== undefined && typeof secretId !== 'string') {
    throw new TypeError(`The secretId of an accepted delivery must be a string, got ${kindOf(secretId)}.`);
  }
  const at = requireDate('receivedAt', receivedAt);
  if (!at) throw new TypeError('receivedAt must be a valid Date, got undefined.');
  return { id, rawBody, signature, secretId, receivedAt: at, attempt: undefined };
}
