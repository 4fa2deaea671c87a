import { NoAnswer, post } from '../post';
import type { FullDelivery, Journal, Passing } from './journal';

/** As long as Blue waits. */
const TIMEOUT_MS = 7_000;

/** Sends an app what arrived, to the byte and with its own headers, and writes down what it answered. */
export async function passOn(
  journal: Journal,
  delivery: Pick<FullDelivery, 'headers' | 'body'> & { readonly seq: number | undefined },
  { target, replay, signal }: { readonly target: URL; readonly replay: boolean; readonly signal?: AbortSignal },
): Promise<Passing> {
  const atMs = Date.now();
  const startedAt = performance.now();
  const { headers, body } = delivery;
  const facts = { atMs, target: target.href, replay };
  const passing = await post({ url: target, headers, body, timeoutMs: TIMEOUT_MS, signal }).then(
    ({ status, text, durationMs }): Passing => ({ ...facts, status, error: undefined, durationMs, answer: text }),
    (error: unknown): Passing => {
      if (!(error instanceof NoAnswer)) throw error;
      const durationMs = performance.now() - startedAt;
      return { ...facts, status: undefined, error: error.message, durationMs, answer: '' };
    },
  );
  if (delivery.seq !== undefined) journal.passedOn(delivery.seq, passing);
  return passing;
}

/** Any 2xx is success, as it is for Blue. */
export const isAccepted = ({ status = 0 }: Pick<Passing, 'status'>): boolean => status >= 200 && status <= 299;
