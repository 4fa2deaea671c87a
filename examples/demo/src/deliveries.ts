import { type FixtureName, fixtures, sampleSecret, samples, signedDelivery } from '@blue-webhooks/testing';

/** A delivery to send, and the result that every receiver must show. */
export interface PlannedDelivery {
  readonly title: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly signature: string | undefined;
  readonly status: number;
  /** The event that must reach the handler, in the format of `nameOf`; '-' for a forgery. */
  readonly reaches: string;
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** Returns the rows of the table: Blue's published deliveries, every other event, a new one, drifted ones, and forgeries. */
export async function plan(): Promise<PlannedDelivery[]> {
  return [...published(), ...(await everyOtherEvent()), ...(await drifted()), ...(await forgeries())];
}

/** Returns Blue's published deliveries, with signatures made by openssl. */
function published(): PlannedDelivery[] {
  return Object.entries(samples).map(([name, { event, body, signature }]) => ({
    title: `${name} (published)`,
    body: bytes(body),
    signature,
    status: 204,
    reaches: event,
  }));
}

function everyOtherEvent(): Promise<PlannedDelivery[]> {
  const names = Object.keys(fixtures).filter((name) => !Object.hasOwn(samples, name)) as FixtureName[];
  return Promise.all(
    names.map((name) =>
      name === 'TODO_ARCHIVED'
        ? genuine('TODO_ARCHIVED (not in the catalogue)', name, 'UNKNOWN, named TODO_ARCHIVED')
        : genuine(name, name, fixtures[name].event),
    ),
  );
}

function drifted(): Promise<PlannedDelivery[]> {
  const payload = fixtures.TODO_CREATED;
  const { currentValue } = payload;
  const retyped = { ...payload, currentValue: { ...currentValue, done: 'yes' } };
  const extended = { ...payload, currentValue: { ...currentValue, mood: 'good' } };
  return Promise.all([
    genuine('a field of another type: done is "yes"', retyped, 'TODO_CREATED, without currentValue.done'),
    genuine('a field that is not documented', extended, 'TODO_CREATED'),
  ]);
}

async function genuine(title: string, event: FixtureName | object, reaches: string): Promise<PlannedDelivery> {
  const { body, headers } = await signedDelivery(event, { secret: sampleSecret });
  return { title, body, signature: headers['x-signature'], status: 204, reaches };
}

async function forgeries(): Promise<PlannedDelivery[]> {
  const { body, signature } = samples.TODO_CREATED;
  const spaced = await signedDelivery(bytes(JSON.stringify(fixtures.TAG_CREATED, null, 2)), { secret: sampleSecret });
  const forged = { body: bytes(body), signature, status: 401, reaches: '-' };
  return [
    { ...forged, title: 'forged: one byte changed', body: bytes(body.replace('GGGG', 'GGGH')) },
    { ...forged, title: 'forged: signature of another body', signature: samples.WEBHOOK_HEALTH_CHECK.signature },
    { ...forged, title: 'forged: signature missing', signature: undefined },
    { ...forged, title: 'forged: signature truncated', signature: signature.slice(0, 32) },
    {
      ...forged,
      title: 'forged: body re-serialised',
      body: bytes(JSON.stringify(fixtures.TAG_CREATED)),
      signature: spaced.headers['x-signature'],
    },
  ];
}
