import type { DocumentedPromise } from './documented-promise';

export const commandLine: readonly DocumentedPromise[] = [
  {
    says: 'Another page in the same browser can neither read it nor post to it',
    document: 'packages/cli/README.md',
    file: 'packages/cli/test/inspector.test.ts',
    test: 'requests from other sites are refused',
    broken: {
      file: 'packages/inbox/src/page/guard.ts',
      from: 'const isForeign = origin === null ? !isRead : !originsOf(host).includes(origin);',
      to: 'const isForeign = false;',
    },
  },
];
