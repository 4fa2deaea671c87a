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
  {
    says: 'Events that `catch-up --db FILE` stores in the file of `listen --db FILE` are marked `backfill`',
    document: 'packages/cli/README.md',
    file: 'packages/cli/test/inspector-backfill.test.ts',
    test: 'marks an event that catch-up stored, and separates it from deliveries',
    broken: {
      file: 'packages/cli/src/listen/backfill.ts',
      from: 'backfilled: true,',
      to: 'backfilled: false,',
    },
  },
];
