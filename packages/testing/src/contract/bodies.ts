import { bytes, inPieces, limitBytes, signed, sized, wide, withHeader } from './requests';
import { handled, type Row, refused } from './row';

/** Larger than the buffers between two sockets: the sender is still sending when it is refused. */
const HUGE_BYTES = 8 * 1024 * 1024;

/** Bodies of every size, and signed bodies that are not deliveries. */
export const bodies: readonly Row[] = [
  {
    title: 'a body of exactly the limit is read',
    request: () => sized(limitBytes),
    options: { maxBodyBytes: limitBytes },
    ...handled,
  },
  {
    title: 'a body one byte over the limit is refused',
    request: () => sized(limitBytes + 1),
    options: { maxBodyBytes: limitBytes },
    ...refused(413, 'BODY_TOO_LARGE'),
  },
  {
    title: 'a body in pieces of exactly the limit is read',
    request: () => inPieces(sized(limitBytes), 1_000),
    options: { maxBodyBytes: limitBytes },
    ...handled,
    needsHttp: true,
  },
  {
    title: 'a body in pieces, one byte over the limit, is refused',
    request: () => inPieces(sized(limitBytes + 1), 1_000),
    options: { maxBodyBytes: limitBytes },
    ...refused(413, 'BODY_TOO_LARGE'),
    needsHttp: true,
  },
  {
    title: 'a body in pieces is refused as soon as it is over the limit, not at its end',
    request: async () => ({
      ...(await inPieces(sized(limitBytes * 2), 1_000)),
      stopAfter: limitBytes + 1,
      ending: 'wait',
    }),
    options: { maxBodyBytes: limitBytes },
    ...refused(413, 'BODY_TOO_LARGE'),
    needsHttp: true,
  },
  {
    title: 'a huge body is refused with an answer, not with a reset connection',
    request: () => sized(HUGE_BYTES),
    options: { maxBodyBytes: limitBytes },
    ...refused(413, 'BODY_TOO_LARGE'),
    needsHttp: true,
  },
  {
    title: 'a huge body in pieces is refused with an answer, not with a reset connection',
    request: () => inPieces(sized(HUGE_BYTES), 65_536),
    options: { maxBodyBytes: limitBytes },
    ...refused(413, 'BODY_TOO_LARGE'),
    needsHttp: true,
  },
  {
    title: 'a body that stalls is answered in time',
    request: async () => ({ ...(await signed('TODO_CREATED')), stopAfter: 10, ending: 'wait' }),
    options: { bodyTimeoutMs: 50 },
    ...refused(408, 'BODY_TIMEOUT'),
    needsHttp: true,
  },
  {
    title: 'a body in pieces that stalls is answered in time',
    request: async () => ({ ...(await inPieces(signed('TODO_CREATED'), 64)), stopAfter: 128, ending: 'wait' }),
    options: { bodyTimeoutMs: 50 },
    ...refused(408, 'BODY_TIMEOUT'),
    needsHttp: true,
  },
  {
    title: 'a compressed body is refused',
    request: () => withHeader('content-encoding', 'gzip'),
    ...refused(415, 'BODY_ENCODED'),
  },
  {
    title: 'signed bytes that are not UTF-8 are refused',
    request: () => signed(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])),
    ...refused(400, 'BODY_NOT_UTF8'),
  },
  {
    title: 'a signed byte order mark is verified, and refused as invalid JSON',
    request: () => signed(bytes(`\ufeff${JSON.stringify(wide)}`)),
    ...refused(400, 'BODY_NOT_JSON'),
  },
  {
    title: 'a signed body that is not a JSON object is refused',
    request: () => signed(bytes('[]')),
    ...refused(400, 'BODY_NOT_JSON'),
  },
  {
    title: 'a signed empty body is refused as invalid JSON',
    request: () => signed(bytes('')),
    ...refused(400, 'BODY_NOT_JSON'),
  },
  {
    title: 'a signed body without an event is refused',
    request: () => signed({ webhook: {} }),
    ...refused(400, 'EVENT_MISSING'),
  },
  {
    title: 'a body that was already consumed is reported immediately',
    request: () => signed('TODO_CREATED'),
    ...refused(500, 'BODY_ALREADY_READ'),
    needsConsumed: true,
  },
];
