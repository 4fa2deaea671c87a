import { BlueApiError } from '../errors';

const TRIES = 10;

/** Repeats a change that can be made twice without harm, while it is unclear whether it was made. */
export async function repeatedly<T>(change: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await change();
    } catch (error) {
      if (!BlueApiError.is(error) || !error.unclear || tries === TRIES) throw error;
    }
  }
}
