import { bytes, indented, secret, signed, tampered, withSignature } from './requests';
import { forged, handled, privateText, type Row, refused } from './row';

/** Requests without exactly one valid signature of their bytes, and requests that cannot be verified. */
export const forgeries: readonly Row[] = [
  { title: 'one bit changed is a forgery', request: tampered, ...forged('SIGNATURE_MISMATCH') },
  {
    title: 'a body that was serialised again is a forgery',
    request: async () => ({
      ...(await signed(indented)),
      body: bytes(JSON.stringify(JSON.parse(new TextDecoder().decode(indented)))),
    }),
    ...forged('SIGNATURE_MISMATCH'),
  },
  {
    title: 'the signature of another body is a forgery',
    request: async () => ({
      ...(await signed('TODO_CREATED')),
      headers: (await signed('TAG_CREATED')).headers,
    }),
    ...forged('SIGNATURE_MISMATCH'),
  },
  {
    title: 'an empty body is a forgery like any other',
    request: async () => ({ ...(await signed('TODO_CREATED')), body: bytes('') }),
    ...forged('SIGNATURE_MISMATCH'),
  },
  {
    title: 'a missing signature is refused',
    request: () => withSignature(() => undefined),
    ...forged('SIGNATURE_MISSING'),
  },
  {
    title: 'an empty signature is refused',
    request: () => withSignature(() => ''),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a signature in upper case is refused',
    request: () => withSignature((signature) => signature.toUpperCase()),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a signature with a prefix is refused',
    request: () => withSignature((signature) => `sha256=${signature}`),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a truncated signature is refused',
    request: () => withSignature((signature) => signature.slice(0, 63)),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a signature with one character more is refused',
    request: () => withSignature((signature) => `${signature}0`),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a signature with characters outside hex is refused',
    request: () => withSignature((signature) => `zz${signature.slice(2)}`),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a signature that comes twice is refused',
    request: () => withSignature((signature) => [signature, signature]),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a genuine signature beside a wrong one is refused, whichever comes first',
    request: () => withSignature((signature) => [signature, '0'.repeat(64)]),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a wrong signature beside a genuine one is refused, whichever comes last',
    request: () => withSignature((signature) => ['0'.repeat(64), signature]),
    ...forged('SIGNATURE_MALFORMED'),
  },
  {
    title: 'a missing signature is accepted if that was configured explicitly',
    request: () => withSignature(() => undefined),
    options: { allowUnsigned: true },
    ...handled,
  },
  {
    title: 'a wrong signature is refused even then',
    request: tampered,
    options: { allowUnsigned: true },
    ...forged('SIGNATURE_MISMATCH'),
  },
  {
    title: 'a webhook whose secret is unknown is answered like a forgery',
    request: () => signed('TODO_CREATED'),
    options: { secret: () => undefined },
    ...forged('SECRET_UNKNOWN'),
  },
  {
    title: 'a secret lookup that throws is answered so that the sender retries',
    request: () => signed('TODO_CREATED'),
    options: {
      secret: () => {
        throw new Error(`${privateText}: ${secret}`);
      },
    },
    ...refused(503, 'SECRET_LOOKUP_FAILED'),
  },
];
