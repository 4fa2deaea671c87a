import { documents } from './documents';
import { BlueApiError } from './errors';
import { type Features, featuresIn, featuresOf, type Generation, type Introspected } from './features';

/** The part of a client that detection needs. */
export interface Asking {
  readonly organizationId: string;
  request(
    text: string,
    variables?: Readonly<Record<string, unknown>>,
    options?: { readonly maxRetries?: number },
  ): Promise<{ readonly data: Readonly<Record<string, unknown>> }>;
}

/** Failures that are independent of the schema. */
const unrelated = new Set(['UNAUTHENTICATED', 'RATE_LIMITED', 'NETWORK', 'TIMEOUT', 'NOT_JSON', 'COMPANY_BANNED']);

const speaksOfSchema = (error: unknown): boolean => BlueApiError.is(error) && !unrelated.has(error.code);

/**
 * Detects the generation: by introspection, or if that is refused, by trying documents from the newest to the oldest. An
 * older generation is assumed only after its own document was accepted.
 * @throws BlueApiError if no document is accepted
 */
export async function detect(client: Asking): Promise<Features> {
  const introspected = await introspect(client);
  if (introspected) return introspected;
  const variables = { companyIds: [client.organizationId] };
  let refusal: unknown;
  for (const generation of ['C', 'B', 'A'] as const satisfies readonly Generation[]) {
    try {
      await client.request(documents[`Trial${generation}`], variables, { maxRetries: 3 });
      return featuresOf(generation);
    } catch (error) {
      if (!speaksOfSchema(error)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

async function introspect(client: Asking): Promise<Features | undefined> {
  try {
    const { data } = await client.request(documents.Introspection, {}, { maxRetries: 3 });
    return featuresIn(data as Introspected);
  } catch (error) {
    if (!speaksOfSchema(error)) throw error;
    return undefined;
  }
}
