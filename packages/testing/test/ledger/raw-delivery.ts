import { signedDelivery } from '../../src/index';

export const secret = 'a secret';

/** A signed delivery as an adapter passes it on; the same bytes each time. */
export async function rawDelivery(event: Parameters<typeof signedDelivery>[0] = 'TODO_CREATED') {
  const { body, headers } = await signedDelivery(event, { secret });
  return { method: 'POST', header: (name: string) => (headers as Record<string, string>)[name], body };
}
