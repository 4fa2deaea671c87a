import type { SecretOptions } from './authenticate';
import type { Delivery, RawDelivery } from './delivery';
import type { Hooks } from './hooks';
import type { LimitOptions } from './limits';
import { type AliasOption, createReceiver, type DedupeOption, type ReceiverOptions } from './receiver';
import type { WaitUntilOption } from './wait-until';

/** What verification uses of a receiver's options. */
type UsedOptions = SecretOptions &
  LimitOptions &
  Pick<Hooks, 'onFailure' | 'onDrift'> &
  WaitUntilOption &
  DedupeOption &
  AliasOption;

type UnusedOption = Exclude<keyof ReceiverOptions, keyof UsedOptions>;

/** What each option of a receiver needs that verification alone does not have. */
const unused: Readonly<Record<UnusedOption, string>> = {
  deadLetter: 'it receives deliveries whose handlers failed',
  ledger: 'it decides whether handlers run',
  onOutcome: 'it is called with the response, which your own code sends',
  projects: 'it selects the deliveries that handlers receive',
};

/** The options of middleware that only verifies: secrets, limits, `onFailure`, `onDrift`, `waitUntil`, `dedupe` and `aliases`. */
export type DeliveryVerifierOptions = UsedOptions & { readonly [Name in UnusedOption]?: undefined };

/**
 * Creates the function behind `verifyBlueWebhook`: it reads, verifies and parses a delivery, and runs no handlers.
 * @throws TypeError if a secret is missing, empty or blank, a limit is not a positive integer, or an option is given that
 * only a receiver uses
 */
export function createDeliveryVerifier(options: DeliveryVerifierOptions): (raw: RawDelivery) => Promise<Delivery> {
  for (const [name, why] of Object.entries(unused)) {
    if (options?.[name as UnusedOption] === undefined) continue;
    throw new TypeError(
      `\`${name}\` has no effect on verification: ${why}. Remove it, or pass it to createReceiver and mount blueWebhook(receiver).`,
    );
  }
  const used: UsedOptions = options;
  return createReceiver(used).verify;
}
