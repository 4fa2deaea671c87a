import type { DocumentedPromise } from './documented-promise';

export const security: readonly DocumentedPromise[] = [
  {
    says: 'With a function as `secret`, a delivery is refused when its body names another webhook than the one whose secret was looked up, so that one tenant cannot sign for another.',
    document: 'SECURITY.md',
    file: 'packages/core/test/receiver.test.ts',
    test: 'one webhook cannot sign for another, not even with a doubled key',
    broken: { file: 'packages/core/src/parse.ts', from: 'webhook.id !== hinted', to: 'false' },
  },
  {
    says: 'An unsigned delivery, accepted only with `allowUnsigned: true`, proves nothing',
    document: 'SECURITY.md',
    file: 'packages/core/test/receiver.test.ts',
    test: 'unsigned deliveries',
    broken: {
      file: 'packages/core/src/authenticate.ts',
      from: 'if (!keyring.allowUnsigned) return',
      to: 'if (false) return',
    },
  },
  {
    says: 'a hint: `webhook.id`, scanned for in the first 64 KiB without building an object.',
    document: 'SECURITY.md',
    file: 'packages/core/test/growth.test.ts',
    test: 'reads nothing beyond its first 64 KiB',
    broken: {
      file: 'packages/core/src/hint.ts',
      from: 'const HINT_BYTES = 65_536;',
      to: 'const HINT_BYTES = 6_553_600;',
    },
  },
  {
    says: 'A signature is exactly 64 lowercase hex characters, once.',
    document: 'SECURITY.md',
    file: 'packages/core/test/verify.test.ts',
    test: 'a signature is exactly 64 lowercase hex characters, once',
    broken: {
      file: 'packages/core/src/signature.ts',
      from: "header.length === 1 ? header[0] : ''",
      to: 'header[0]',
    },
  },
  {
    says: 'an unknown webhook costs one HMAC as well',
    document: 'SECURITY.md',
    file: 'packages/core/test/forgery-cost.test.ts',
    test: 'each request costs one HMAC per candidate secret',
    broken: {
      file: 'packages/core/src/authenticate.ts',
      from: 'if (!known) decoy ??= prepareSecrets(DECOY);',
      to: `if (!known) throw new WebhookError('SECRET_UNKNOWN');`,
    },
  },
  {
    says: 'errors of a ledger, its client and `deadLetter` are reported as a `DriverError`, without the arguments of a command.',
    document: 'SECURITY.md',
    file: 'packages/core/test/driver-error.test.ts',
    test: 'carries nothing of a body, a signature or a password',
    broken: {
      file: 'packages/core/src/driver-error.ts',
      from: `\`\${words.join(' ').trim()}\${end === message.length ? '' : ' …'}\`.trim()`,
      to: 'message',
    },
  },
  {
    says: 'an invalid limit throws instead of being ignored',
    document: 'SECURITY.md',
    file: 'packages/core/test/secrets.test.ts',
    test: 'must be a positive',
    broken: {
      file: 'packages/core/src/limits.ts',
      from: 'Number.isInteger(value) && (value as number) > 0',
      to: `typeof value === 'number'`,
    },
  },
  {
    says: '`__proto__` and the like as keys, names and ids',
    document: 'SECURITY.md',
    file: 'packages/core/test/parse.test.ts',
    test: 'a __proto__ key pollutes nothing',
    broken: {
      file: 'packages/core/src/parse.ts',
      from: '    if (isObject(value)) return value;',
      to: '    if (isObject(value)) return Object.assign(Object.prototype, value.__proto__) && value;',
    },
  },
  {
    says: `requests under another host name, or from another site's page, are refused`,
    document: 'SECURITY.md',
    file: 'packages/cli/test/inspector.test.ts',
    test: 'requests from other sites are refused',
    broken: {
      file: 'packages/inbox/src/page/guard.ts',
      from: 'if (!parsed || !isOwnHost(parsed.hostname, host))',
      to: 'if (!parsed)',
    },
  },
];
