import type { FailureCode } from '@blue-webhooks/core';
import { failureOf } from '../../packages/core/src/errors';
import { membersOf } from './declarations';

/** Notes in addition to the table's own message: where to look first, or a page on the subject. */
const notes: Partial<Record<FailureCode, string>> = {
  SIGNATURE_MISSING:
    "Forgeries and scanners look like this as well: alert on a rise, not on each. Blue's help pages call signing optional; a webhook made without a secret can be received only with [`allowUnsigned`](./options.md), and proves nothing.",
  SIGNATURE_MALFORMED:
    'The digest itself is often correct: base64, upper case and a `sha256=` prefix are conventions of other senders.',
  SIGNATURE_MISMATCH:
    'In this order: is the secret the one that `createWebhook` returned for *this* webhook, without a newline at its end? Does anything parse or rewrite the body before the receiver? `receiver.selfTest(url)` distinguishes the two cases, and so does [`blue-webhooks doctor`](../guides/command-line.md). While a webhook is being replaced, both secrets must be configured: [rotating secrets](../concepts/rotating-secrets.md).',
  SECRET_UNKNOWN:
    'Only with a function as `secret`. Typical causes are a webhook that someone created by hand, and a tenant that was deleted here but not in Blue.',
  SECRET_LOOKUP_FAILED:
    'Keep the secrets where they can be read within a second, and cache them: five failures of one delivery disable the webhook.',
  BODY_TOO_LARGE:
    'Raise [`maxBodyBytes`](./options.md) if your records are that large; a proxy or a parser in front may have a lower limit, and then sends its own response.',
  BODY_TIMEOUT: 'A slow network, or a sender that deliberately holds connections open.',
  BODY_INCOMPLETE: 'Blue or a proxy closed the connection. A single one needs no action: Blue retries.',
  BODY_NOT_UTF8: 'Blue is not known to send this: check who else has the secret.',
  BODY_NOT_JSON: 'A signed byte order mark is reported as this code as well: Blue sends none.',
  EVENT_MISSING: 'Something other than Blue signs with this secret.',
  BODY_ALREADY_READ:
    'Each guide shows the order for its framework: [Express](../guides/express.md), [NestJS](../guides/nestjs.md), [Fastify](../guides/fastify.md), [Next.js](../guides/nextjs.md).',
  METHOD_NOT_ALLOWED: 'A browser, a scanner, or a health check of your platform that calls the wrong route.',
  HANDLER_FAILED:
    'The usual cause of a disabled webhook. If a retry cannot help, throw `UnrecoverableError`: the response is then 204, and the hook is still called. Otherwise use a [ledger or an inbox](../concepts/choosing.md), so that a failing handler cannot disable the webhook.',
  IN_PROGRESS:
    'Only with a ledger. It costs an attempt; shorten the handler, or move the work into an [inbox](../concepts/choosing.md).',
  DEAD_LETTER_FAILED: 'Write dead letters to a nearby store, such as a local disk.',
  LEDGER_FAILED: 'Check the ledger: the connection to Redis, its latency, its memory.',
  LEASE_LOST:
    'Handlers that block the event loop, a process that was suspended, or a function that was frozen after its answer. Make `leaseMs` longer than that, or the handlers idempotent.',
  HANDLED_AFTER_DEAD_LETTER:
    'The handlers take longer than four attempts: move their work into an [inbox](../concepts/choosing.md).',
  STORE_UNAVAILABLE:
    'The disk is full, the file is locked, or Redis is down: five such responses to one delivery disable the webhook. The [inbox](../../packages/inbox/README.md) recovers automatically once the cause is fixed.',
  DEADLINE_EXCEEDED:
    "The handler's `signal` is aborted, but work that ignores it continues during the next attempt. Work that can take longer than a few seconds belongs in an [inbox](../concepts/choosing.md).",
};

/** The page of the failure codes, from core's table. */
export function failuresPage(): string {
  const codes = membersOf('core', 'FailureCode') as FailureCode[];
  const rows = codes.map((code) => `| [\`${code}\`](#${anchorOf(code)}) | ${statusOf(code)} | ${answerOf(code)} |`);
  return `# Failure codes

Why a delivery was not accepted, or not handled. A \`WebhookError\` has the code, the \`status\` that Blue is answered, a \`message\`
with the likely cause and the fix, and a \`cause\` if there is one. \`onFailure\` is called with each; \`verify\` throws it.

Blue counts every answer that is not 2xx as a failed attempt, and [disables the webhook](../concepts/delivery.md) at the fifth of
one delivery. It receives the response below and nothing more; the response is the same for every invalid signature.

| code | status | answer |
| --- | --- | --- |
${rows.join('\n')}

${codes.map(section).join('\n')}`;
}

function section(code: FailureCode): string {
  const { message, headers } = failureOf(code);
  const answered = reportedOnly.includes(code)
    ? 'Reported to the hook only; does not affect the response.'
    : `${[`Status ${statusOf(code)}`, answerOf(code), ...headersOf(headers)].join(', ')}.`;
  const parts = [`## ${code}`, answered, shown(message)];
  const note = notes[code];
  return `${[...parts, ...(note ? [note] : [])].join('\n\n')}\n`;
}

/** Indented lines of a message are code. */
const shown = (message: string) =>
  message.replace(/\n((?: {2}.*\n)+)/g, (_, code: string) => `\n\n\`\`\`\n${code.replace(/^ {2}/gm, '')}\`\`\`\n\n`);

/** Reported to the hook without an effect on the response. */
const reportedOnly: readonly FailureCode[] = [
  'LEDGER_FAILED',
  'DEAD_LETTER_FAILED',
  'LEASE_LOST',
  'HANDLED_AFTER_DEAD_LETTER',
];
const statusOf = (code: FailureCode) => (reportedOnly.includes(code) ? '' : failureOf(code).status);
const answerOf = (code: FailureCode) =>
  reportedOnly.includes(code) ? 'reported to the hook only' : `\`{"error":"${failureOf(code).answer ?? code}"}\``;
const headersOf = (headers: Readonly<Record<string, string>> = {}) =>
  Object.entries(headers).map(([name, value]) => `\`${name}: ${value}\``);
const anchorOf = (code: string) => code.toLowerCase();
