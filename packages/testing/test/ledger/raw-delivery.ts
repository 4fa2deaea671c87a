import { signedDelivery } from '../../src/index';

export const secret = 'a secret';

/** Returns a signed delivery as an adapter passes it to core; the same bytes each time. */
export async function rawDelivery(event: Parameters<typeof signedDelivery>[0] = 'TODO_CREATED') {
  const { body, headers } = await signedDelivery(event, { secret });
  return { method: 'POST', header: (name: string) => (headers as Record<string, string>)[name], body };
}
