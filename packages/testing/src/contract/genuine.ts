import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { bytes, indented, inPieces, signed, wide, withHeader } from './requests';
import { acknowledged, handled, type Row } from './row';

/** Genuine deliveries, in all the forms in which they may arrive. */
export const genuine: readonly Row[] = [
  { title: 'a genuine delivery reaches its handler', request: () => signed('TODO_CREATED'), ...handled },
  { title: 'an event without a handler is acknowledged', request: () => signed('TAG_CREATED'), ...acknowledged },
  {
    title: 'an unknown event is acknowledged',
    request: () => signed('TODO_ARCHIVED'),
    ...handled,
    received: ({ event }) => strictEqual(event.event, 'UNKNOWN'),
  },
  { title: 'a health check is acknowledged', request: () => signed('WEBHOOK_HEALTH_CHECK'), ...acknowledged },
  {
    title: 'a field of another type than documented costs no attempt',
    request: () => signed({ event: 'TODO_CREATED', currentValue: { id: '1', title: 'T', done: 'yes' } }),
    ...handled,
    received: ({ drift }) => deepStrictEqual(drift, [{ path: 'currentValue.done', expected: 'boolean' }]),
  },
  {
    title: 'characters beyond ASCII are verified as bytes, and arrive intact',
    request: () => signed(wide),
    ...handled,
    received: ({ rawBody }) => strictEqual(rawBody, JSON.stringify(wide)),
  },
  {
    title: 'indented JSON is verified as received',
    request: () => signed(indented),
    ...handled,
    received: ({ rawBody }) => strictEqual(rawBody, new TextDecoder().decode(indented)),
  },
  {
    title: 'numbers and escapes that JSON could write in another way are verified as received',
    request: () =>
      signed(bytes('{"event":"TODO_CREATED","currentValue":{"id":"1","title":"\\u00fc\\/","position":1.0}}')),
    ...handled,
  },
  {
    title: 'a body in pieces, split inside a character, is one body',
    request: () => inPieces(signed(wide), 1),
    ...handled,
    needsHttp: true,
    received: ({ rawBody }) => strictEqual(rawBody, JSON.stringify(wide)),
  },
  {
    title: 'a header name in another case is the same header',
    request: async () => {
      const { headers, ...rest } = await signed('TODO_CREATED');
      return { ...rest, headers: { 'X-SIGNATURE': headers['x-signature'] as string } };
    },
    ...handled,
  },
  {
    title: 'Content-Encoding: identity is accepted',
    request: () => withHeader('content-encoding', 'identity'),
    ...handled,
  },
  {
    title: 'a Content-Type of another kind changes nothing',
    request: () => withHeader('content-type', 'text/plain; charset=iso-8859-1'),
    ...handled,
  },
];
