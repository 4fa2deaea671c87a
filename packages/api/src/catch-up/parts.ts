import { BlueApiError } from '../errors';

/** Failures that a smaller part would have as well. */
const final = new Set(['UNAUTHENTICATED', 'RATE_LIMITED', 'NETWORK', 'TIMEOUT', 'NOT_JSON']);

/** Whether a request may have failed because of what it contains, so that a part of it may succeed. */
export const dependsOnContent = (error: unknown): boolean => BlueApiError.is(error) && !final.has(error.code);

/** Processes a list in parts; halves a part that fails because of its content, down to single items. */
export async function inParts<T>(
  list: readonly T[],
  size: number,
  work: (part: readonly T[]) => Promise<void>,
): Promise<void> {
  for (let place = 0; place < list.length; place += size) await halving(list.slice(place, place + size), work);
}

async function halving<T>(part: readonly T[], work: (part: readonly T[]) => Promise<void>): Promise<void> {
  try {
    await work(part);
  } catch (error) {
    if (!dependsOnContent(error) || part.length === 1) throw error;
    const half = Math.ceil(part.length / 2);
    await halving(part.slice(0, half), work);
    await halving(part.slice(half), work);
  }
}
