import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pack';

/** How `npm run check:long -- commands` runs a command. */
export interface Run {
  /** A fresh clone, or an empty project that gets the packed packages. */
  readonly runIn: 'clone' | 'project';
  /** Interrupted when it has printed this. */
  readonly until?: RegExp;
  /** The valid exit codes. Defaults to 0. */
  readonly codes?: readonly number[];
  /** Takes ten minutes or more: run only if selected by name, or with `--all`. */
  readonly long?: true;
}

/** What verifies a command that a page names: a test that runs it as written, or `npm run check:long -- commands`. */
export type Coverage = { readonly test: string } | Run;

const clone: Coverage = { runIn: 'clone' };
const project: Coverage = { runIn: 'project' };
const start: Coverage = { test: 'docs/test/start.test.ts' };

/** Every command that the repository's pages name, as written there, in the order in which they run. */
export const commands: Readonly<Record<string, Coverage>> = {
  'npm start': { runIn: 'clone', until: /Blue continues/ },
  'npm start demo': { runIn: 'clone', until: /curl -/ },
  'npm run setup': clone,
  'npm run test:unit': clone,
  'npm run docs': { test: 'docs/test/site-build.long.test.ts' },
  'npm run build': clone,
  'npm run format': clone,
  'npx changeset': { runIn: 'clone', until: /Which packages/ },
  'npm run check': clone,
  'npm run check -- lint types': clone,
  'npm run check -- imports': clone,
  'npm run check -- snippets': clone,
  'npx tsx docs/take-pictures.ts': clone,
  'npm run check -- api --update': clone,
  'npm run release': clone,
  'npm test': { runIn: 'clone', long: true },
  'npm run check:long': { runIn: 'clone', codes: [2] },
  'npm run check:long -- site': { runIn: 'clone', long: true },
  'npm run check:long -- promises': { runIn: 'clone', long: true },
  'npm run check:long -- mutation': { runIn: 'clone', long: true },
  'npm run check:long -- runtimes': { runIn: 'clone', long: true },
  'npm run check:long -- examples': { runIn: 'clone', long: true },
  'npm run check:long -- inbox': { runIn: 'clone', long: true },
  'npm run check:long -- inbox crash full': { runIn: 'clone', long: true },
  'npm run check:long -- bullmq': { runIn: 'clone', long: true },
  'npm run check:long -- catch-up': { runIn: 'clone', long: true },
  'npm run check:long -- container': { runIn: 'clone', long: true },
  'npm run check:long -- timing': { runIn: 'clone', long: true },

  'npm create blue-webhook': { test: 'tools/check-examples.ts' },
  'npm create blue-webhook my-receiver': { test: 'tools/check-examples.ts' },
  'npm create blue-webhook my-receiver -- --framework hono': { test: 'tools/check-examples.ts' },
  'npm init --yes': start,
  'npm install @blue-webhooks/core @blue-webhooks/express express': start,
  'npm install --save-dev @blue-webhooks/testing': start,
  'npm install --save-dev tsx': start,
  'npx tsx receiver.ts': start,
  'npm install @blue-webhooks/core': project,
  'npm install @blue-webhooks/api @blue-webhooks/core': project,
  'npm install @blue-webhooks/core @blue-webhooks/aws-lambda': project,
  'npm install @blue-webhooks/core @blue-webhooks/event-tokens': project,
  'npm install @blue-webhooks/core @blue-webhooks/express': project,
  'npm install @blue-webhooks/core @blue-webhooks/hono': project,
  'npm install @blue-webhooks/core @blue-webhooks/inbox libsql': project,
  'npm install @blue-webhooks/core @blue-webhooks/queue': project,
  'npm install @blue-webhooks/inbox bullmq ioredis': project,
  'npm install --save-dev graphql@16': project,
  'npx blue-webhooks COMMAND --help': { test: 'packages/cli/test/basics.test.ts' },
  'npx blue-webhooks listen': { runIn: 'project', until: /Ctrl-C/ },
  'npx blue-webhooks listen --demo': { runIn: 'project', until: /Blue continues/ },
  'npx blue-webhooks listen --forward http://localhost:3000/webhooks/blue': { runIn: 'project', until: /Ctrl-C/ },
  'npx blue-webhooks send TODO_MOVED --as-blue --to http://localhost:3000/webhooks/blue': project,
  'npx blue-webhooks send TODO_MOVED --to http://localhost:3000/webhooks/blue': project,
  'npx blue-webhooks doctor --url http://localhost:3000/webhooks/blue': project,
  'npx blue-webhooks doctor --body refused.json --signature 86a68f94...': { runIn: 'project', codes: [1] },
};

/** The pages that explain how to work with the repository and with its packages. */
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'ARCHITECTURE.md',
  'docs/start.md',
  ...readdirSync(join(root, 'packages')).flatMap((name) =>
    readdirSync(join(root, 'packages', name))
      .filter((file) => /^(README|BULLMQ)\.md$/.test(file))
      .map((file) => `packages/${name}/${file}`),
  ),
];

export interface Named {
  readonly command: string;
  readonly page: string;
  readonly line: number;
}

/** Returns the commands of npm and npx in a page's code: lines of shell blocks, and code within a sentence. */
export function commandsIn(page: string, text: string): readonly Named[] {
  let fence = '';
  return text.split('\n').flatMap((content, at) => {
    const language = /^\s*```(\w*)/.exec(content)?.[1];
    if (language !== undefined) {
      fence = fence === '' ? language || 'none' : '';
      return [];
    }
    const found = fence === '' ? [...content.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code) : [content];
    if (fence !== '' && !/^(sh|bash|shell|console|none)$/.test(fence)) return [];
    return found
      .map((code) => code.replace(/\s+#.*$/, '').trim())
      .map((code) => /^(?:\$ )?(?:[A-Z_]+=\S* )*(np[mx] .+)$/.exec(code)?.[1])
      .filter((command) => command !== undefined)
      .map((command) => ({ command, page, line: at + 1 }));
  });
}

/** Returns the commands that the repository's pages name, except the one that runs the others. */
export const namedCommands = (): readonly Named[] =>
  pages
    .flatMap((page) => commandsIn(page, readFileSync(join(root, page), 'utf8')))
    .filter(({ command }) => command !== 'npm run check:long -- commands');
