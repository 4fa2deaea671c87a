import type { FailureCode } from '@blue-webhooks/core';
import { failureOf } from '../../packages/core/src/errors';
import { membersOf } from './declarations';

/** What more there is to say than the table's own message: where to look first, or a page that treats it. */
const notes: Partial<Record<FailureCode, string>> = {
  SIGNATURE_MISSING:
    "Forgeries and scanners look like this as well: alert on a rise, not on each. Blue's help pages call signing optional; a webhook made without a secret can be received only with [`allowUnsigned`](./options.md), and proves nothing.",
  SIGNATURE_MALFORMED:
    "The digest itself is right often enough: base64, upper case and a `sha256=` prefix are other senders' ways.",
  SIGNATURE_MISMATCH:
    'In this order: is the secret the one that `createWebhook` returned for *this* webhook, without a newline at its end? Does anything parse or rewrite the body before the receiver? `receiver.selfTest(url)` tells the two apart, and so does [`blue-webhooks doctor`](../guides/command-line.md). While a webhook is being replaced, both secrets have to be known: [rotating secrets](../concepts/rotating-secrets.md).',
  SECRET_UNKNOWN:
    'Only with a function as `secret`. A webhook that someone made by hand, or a tenant that was deleted here and not at Blue, ends here until it is disabled.',
  SECRET_LOOKUP_FAILED:
    'Keep the secrets where they can be read within a second, and cache them: five failures of one delivery disable the webhook.',
  BODY_TOO_LARGE:
    'Raise [`maxBodyBytes`](./options.md) if your records are that large; a proxy or a parser in front may have a lower limit of its own, and answers by itself.',
  BODY_TIMEOUT: 'A slow network, or a sender that means to hold connections open.',
  BODY_INCOMPLETE: 'Blue hung up, or a proxy did. Alone it is noise; Blue sends the delivery again.',
  BODY_NOT_UTF8: 'Blue has not been seen to send this: check who else has the secret.',
  BODY_NOT_JSON: 'A signed byte order mark is this as well: Blue sends none.',
  EVENT_MISSING: 'Something else than Blue signs with this secret.',
  BODY_ALREADY_READ:
    'Each guide shows the order for its framework: [Express](../guides/express.md), [NestJS](../guides/nestjs.md), [Fastify](../guides/fastify.md), [Next.js](../guides/nextjs.md).',
  METHOD_NOT_ALLOWED: "A browser, a scanner, or a health check of your platform's that points at the wrong route.",
  HANDLER_FAILED:
    "The one that disables webhooks. If trying again cannot help, throw `UnrecoverableError`: the answer is then 204, and the hook still hears of it. Otherwise take the handler out of Blue's reach with a [ledger or an inbox](../concepts/choosing.md).",
  IN_PROGRESS:
    'Only with a ledger. It costs an attempt; shorten the handler, or move the work into an [inbox](../concepts/choosing.md).',
  DEAD_LETTER_FAILED: 'Write dead letters to something that is as near as a local disk.',
  LEDGER_FAILED: 'Check the ledger: the connection to Redis, its latency, its memory.',
  LEASE_LOST:
    'Handlers that block the event loop, a process that was suspended, or a function that was frozen after its answer. Make `leaseMs` longer than that, or the handlers idempotent.',
  HANDLED_AFTER_DEAD_LETTER:
    'The handlers take longer than four attempts: move their work into an [inbox](../concepts/choosing.md).',
  STORE_UNAVAILABLE:
    'The disk is full, the file is locked, or Redis is away: five such answers to one delivery disable the webhook. The [inbox](../../packages/inbox/README.md) goes on by itself once the cause is gone.',
  DEADLINE_EXCEEDED:
    "The handler's `signal` is aborted, but whatever ignores it goes on, beside the next attempt. Work that can take longer than a few seconds belongs into an [inbox](../concepts/choosing.md).",
};

/** The page of the failure codes, from core's table. */
export function failuresPage(): string {
  const codes = membersOf('core', 'FailureCode') as FailureCode[];
  const rows = codes.map((code) => `| [\`${code}\`](#${anchorOf(code)}) | ${statusOf(code)} | ${answerOf(code)} |`);
  return `# Failure codes

Why a delivery was not accepted, or not handled. A \`WebhookError\` has the code, the \`status\` that Blue is answered, a \`message\`
with the likely cause and the cure, and a \`cause\` where there is one. \`onFailure\` is called with each; \`verify\` throws it.

Blue counts every answer that is not 2xx as a failed attempt, and [disables the webhook](../concepts/delivery.md) at the fifth of
one delivery. What it is told is the answer below and nothing more; whatever is wrong with a signature, the answer is the same.

| code | status | answer |
| --- | --- | --- |
${rows.join('\n')}

${codes.map(section).join('\n')}`;
}

function section(code: FailureCode): string {
  const { message, headers } = failureOf(code);
  const answered = reportedOnly.includes(code)
    ? 'Told to the hook alone: the answer has another reason.'
    : `${[`Status ${statusOf(code)}`, answerOf(code), ...headersOf(headers)].join(', ')}.`;
  const parts = [`## ${code}`, answered, shown(message)];
  const note = notes[code];
  return `${[...parts, ...(note ? [note] : [])].join('\n\n')}\n`;
}

/** Indented lines of a message are code. */
const shown = (message: string) =>
  message.replace(/\n((?: {2}.*\n)+)/g, (_, code: string) => `\n\n\`\`\`\n${code.replace(/^ {2}/gm, '')}\`\`\`\n\n`);

/** Reported to the hook, while the delivery is answered for another reason. */
const reportedOnly: readonly FailureCode[] = [
  'LEDGER_FAILED',
  'DEAD_LETTER_FAILED',
  'LEASE_LOST',
  'HANDLED_AFTER_DEAD_LETTER',
];
const statusOf = (code: FailureCode) => (reportedOnly.includes(code) ? '' : failureOf(code).status);
const answerOf = (code: FailureCode) =>
  reportedOnly.includes(code) ? 'told to the hook alone' : `\`{"error":"${failureOf(code).answer ?? code}"}\``;
const headersOf = (headers: Readonly<Record<string, string>> = {}) =>
  Object.entries(headers).map(([name, value]) => `\`${name}: ${value}\``);
const anchorOf = (code: string) => code.toLowerCase();
