import { type Option, optionsOf } from './declarations';

interface Section {
  readonly title: string;
  readonly from: string;
  readonly type: string;
  readonly intro: string;
}

const sections: readonly Section[] = [
  {
    title: 'Receiver',
    from: 'core',
    type: 'ReceiverOptions',
    intro:
      '`createReceiver(options)`, `verifyBlueWebhook(options)`. Either `secret` or `allowUnsigned: true` is required. An empty, blank or missing secret, or a limit that is not a positive integer, throws a `TypeError` at construction.',
  },
  {
    title: 'Ledger',
    from: 'core',
    type: 'LedgerOptions',
    intro:
      '`memoryLedger(options)`, which also takes `maxEntries` (defaults to 10,000), `redisLedger(client, options)`, which also takes `prefix`, `sqliteLedger(path, options)`, which also takes `busyTimeoutMs`, and `postgresLedger(pool, options)`, which also takes `schema`.',
  },
  {
    title: 'Inbox',
    from: 'inbox',
    type: 'InboxOptions',
    intro:
      '`createInbox(options)`. The [README of the inbox](../../packages/inbox/README.md) explains how they work together.',
  },
  { title: 'Retries of an inbox', from: 'inbox', type: 'Retry', intro: 'The option `retry`; every field is optional.' },
  {
    title: 'Simulated Blue',
    from: 'testing',
    type: 'SimulatorOptions',
    intro: '`createBlueSimulator(options)`.',
  },
  { title: 'Scenario', from: 'testing', type: 'ScenarioOptions', intro: '`scenario(options)`.' },
];

/** The page of the options, from the doc comments of their declarations. */
export function optionsPage(): string {
  return `# Options and defaults

Taken from the declarations' own comments. Durations are in milliseconds, sizes in bytes.

${sections.map(section).join('\n')}`;
}

function section({ title, from, type, intro }: Section): string {
  const rows = optionsOf(from, type).map(row);
  return `## ${title}

${intro}

| option | type | |
| --- | --- | --- |
${rows.join('\n')}
`;
}

const row = ({ name, type, description }: Option) => `| \`${name}\` | ${code(type)} | ${cell(description)} |`;
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const code = (type: string) => `\`${type.replaceAll('|', '\\|')}\``;
