import { NoAnswer, post } from '../post';
import type { Forwarding, FullDelivery, Journal } from './journal';

/** As long as Blue waits. */
const TIMEOUT_MS = 7_000;

/** Sends an app the original bytes and headers of a delivery, and records its response. */
export async function forwardTo(
  journal: Journal,
  delivery: Pick<FullDelivery, 'headers' | 'body'> & { readonly seq: number | undefined },
  { target, replay, signal }: { readonly target: URL; readonly replay: boolean; readonly signal?: AbortSignal },
): Promise<Forwarding> {
  const atMs = Date.now();
  const startedAt = performance.now();
  const { headers, body } = delivery;
  const facts = { atMs, target: target.href, replay };
  const forwarding = await post({ url: target, headers, body, timeoutMs: TIMEOUT_MS, signal }).then(
    ({ status, text, durationMs }): Forwarding => ({ ...facts, status, error: undefined, durationMs, answer: text }),
    (error: unknown): Forwarding => {
      if (!(error instanceof NoAnswer)) throw error;
      const durationMs = performance.now() - startedAt;
      return { ...facts, status: undefined, error: error.message, durationMs, answer: '' };
    },
  );
  if (delivery.seq !== undefined) journal.forwarded(delivery.seq, forwarding);
  return forwarding;
}

/** Returns whether a response is a success: any 2xx, as for Blue. */
export const isAccepted = ({ status = 0 }: Pick<Forwarding, 'status'>): boolean => status >= 200 && status <= 299;
