import type { Sink } from './watch-webhook';

/** The message format of a chat's incoming webhook. */
export type IncomingFormat = 'slack' | 'discord' | 'teams';

/** Options of a sink. */
export interface IncomingWebhookOptions {
  /** Defaults to the format of the URL's host; `'slack'` for any other host, which many chats accept. */
  readonly format?: IncomingFormat | undefined;
  /** How long to wait for the chat, in milliseconds. Defaults to 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Defaults to the global `fetch`. */
  readonly fetch?: ((request: Request) => Response | Promise<Response>) | undefined;
}

/**
 * Creates a sink that writes notices into a chat, through an incoming-webhook URL of Slack, Discord or Teams. The URL is a
 * secret: it is not part of any error.
 * @throws TypeError if the URL is not https, or has a user name or password
 */
export function incomingWebhook(url: string, options: IncomingWebhookOptions = {}): Sink {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  const local = target && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(target.hostname);
  if (!target || !(target.protocol === 'https:' || local))
    throw new TypeError('The URL of the chat must be an https URL.');
  // `fetch` refuses these with an error that quotes the URL.
  if (target.username || target.password)
    throw new TypeError('The URL of the chat must not contain a user name or password.');
  const { format = formatOf(target.hostname), timeoutMs = 10_000 } = options;
  return async ({ kind, message, page, webhookId, webhook }) => {
    const text = `${heading[kind]}: Blue webhook ${webhook?.name ?? webhookId}. ${message} ${page}`;
    const request = new Request(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(bodies[format](text)),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    let status: number;
    try {
      ({ status } = await (options.fetch ?? fetch)(request));
    } catch {
      throw new Error('The chat could not be reached.');
    }
    if (status < 200 || status > 299) throw new Error(`The chat responded ${status}.`);
  };
}

const heading = { down: 'Down', warning: 'Warning', recovered: 'Recovered', 'gave-up': 'Still down' };

const formatOf = (host: string): IncomingFormat => {
  if (/(^|\.)discord(app)?\.com$/.test(host)) return 'discord';
  return /(^|\.)(office\.com|logic\.azure\.com|powerplatform\.com)$/.test(host) ? 'teams' : 'slack';
};

/** A webhook's name is written by people: it must not mention everybody in a channel. */
const bodies: Readonly<Record<IncomingFormat, (text: string) => object>> = {
  slack: (text) => ({ text: text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;') }),
  discord: (content) => ({ content: content.slice(0, 2_000), allowed_mentions: { parse: [] } }),
  teams: (text) => ({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text, wrap: true }] },
      },
    ],
  }),
};
