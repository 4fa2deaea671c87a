import type { DocumentedPromise } from './documented-promise';

const document = 'docs/operations/dashboard.md';
const http = 'packages/inbox/test/dashboard/http.test.ts';
const fetched = 'packages/inbox/test/dashboard/dashboard.test.ts';
const source = (name: string) => `packages/inbox/src/dashboard/${name}.ts`;

export const dashboard: readonly DocumentedPromise[] = [
  {
    says: 'A request that `authorize` does not admit is answered 403, and reads nothing.',
    document,
    file: fetched,
    test: 'and reads nothing',
    broken: {
      file: source('access'),
      from: 'if (answer === undefined || answer === null || answer === false) return undefined;',
      to: `if (!answer) return { mayAct: false, maySeeBodies: false, who: undefined };`,
    },
  },
  {
    says: 'If it throws, the answer is 500 without details.',
    document,
    file: fetched,
    test: 'answers 500 without details when',
    broken: { file: source('dashboard'), from: `'The dashboard failed.'`, to: 'String(error)' },
  },
  {
    says: 'Requests for another host name are refused, whatever `X-Forwarded-Host` says',
    document,
    file: http,
    test: 'a read under another host name, whatever X-Forwarded-Host and Forwarded say',
    broken: {
      file: 'packages/inbox/src/page/guard.ts',
      from: `headers.get('host') ?? new URL(url).host`,
      to: `headers.get('x-forwarded-host') ?? headers.get('host') ?? new URL(url).host`,
    },
  },
  {
    says: 'An action needs the origin of the page and a header that a form of another site cannot send.',
    document,
    file: http,
    test: 'a post without the header of the page, as a form of another site sends it',
    broken: {
      file: source('dashboard'),
      from: `method === 'POST' && headers.get('x-fragment') === null`,
      to: 'false',
    },
  },
  {
    says: 'A visitor who may only look can change nothing',
    document,
    file: http,
    test: 'a post of a visitor who may only look',
    broken: { file: source('dashboard'), from: '!visitor.mayAct', to: 'false' },
  },
  {
    says: 'Bodies are shown to `act`, and to `look` with `bodies: true`',
    document,
    file: fetched,
    test: 'and each view is audited',
    broken: { file: source('access'), from: 'bodies ?? mayAct', to: 'true' },
  },
  {
    says: 'If `onAudit` throws, the body is not shown and the action does not happen',
    document,
    file: fetched,
    test: 'fails, neither is a body shown nor an action done',
    broken: {
      file: source('dashboard'),
      from: 'await onAudit?.({ ...action, who, at: new Date() });',
      to: 'notify(undefined, onAudit, { ...action, who, at: new Date() });',
    },
  },
  {
    says: 'Everything that is shown is escaped',
    document,
    file: fetched,
    test: 'escapes events, ids, entities, errors, reasons and names, and sends no inline script or style',
    broken: {
      file: 'packages/inbox/src/page/markup.ts',
      from: `return String(value).replace(/[&<>"']/g, (character) => entities[character] as string);`,
      to: 'return String(value);',
    },
  },
];
