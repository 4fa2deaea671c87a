export { type FixtureName, type Fixtures, fixtures } from './fixtures';
export type { Payload, PayloadOf, RowOf, SubscribableEvent } from './payload';
export { type Sample, sampleSecret, samples } from './samples';
export { type Deliverable, type SignedDelivery, signedDelivery, signedRequest } from './signed-delivery';
