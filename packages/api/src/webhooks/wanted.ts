import { eventNames } from '@blue-webhooks/core';
import type { CreateWebhookInput } from '../operations';
import type { Scope } from './webhook-row';

/** The webhook that there should be. */
export interface WantedWebhook {
  /** Where Blue delivers: public and https. Together with `name` it identifies the webhook. */
  readonly url: string | URL;
  /** Distinguishes this webhook from others of the same URL. */
  readonly name: string;
  /** The events to subscribe to; `'all'` includes future ones. */
  readonly events: readonly string[] | 'all';
  /** The ids of the workspaces to subscribe to; `'all'` includes future ones. */
  readonly projectIds: readonly string[] | 'all';
}

/** A wanted webhook, checked. */
export interface Wanted extends Scope {
  readonly url: string;
  readonly name: string;
}

const known: ReadonlySet<string> = new Set(Object.values(eventNames).flat());

/** @throws TypeError if a property is invalid */
export function wantedOf({ url, name, events, projectIds }: WantedWebhook): Wanted {
  if (!URL.canParse(String(url)) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TypeError('`url` must be an absolute https URL, such as https://example.com/webhooks/blue.');
  }
  if (typeof name !== 'string' || name.trim() === '') {
    throw new TypeError('`name` must be a non-empty string: it identifies the webhook together with `url`.');
  }
  const stranger = events === 'all' ? undefined : requireList('events', events).find((event) => !known.has(event));
  if (stranger !== undefined) {
    throw new TypeError(
      `\`events\` contains '${stranger}', which is not an event: see eventNames of @blue-webhooks/core.`,
    );
  }
  return {
    // As it is written: Blue returns the URL that it was given.
    url: String(url),
    name,
    events: events === 'all' ? [] : [...new Set(events)],
    projectIds: projectIds === 'all' ? [] : [...new Set(requireList('projectIds', projectIds))],
  };
}

function requireList(name: string, list: unknown): readonly string[] {
  const valid = Array.isArray(list) && list.every((each) => typeof each === 'string' && each !== '');
  if (valid && list.length > 0) return list;
  throw new TypeError(
    `\`${name}\` must be a non-empty array of strings, or 'all'. An empty array would mean all of them to Blue.`,
  );
}

/** What is sent to create it. */
export const inputOf = ({ url, name, events, projectIds }: Wanted): CreateWebhookInput => ({
  url,
  name,
  events: events as NonNullable<CreateWebhookInput['events']>,
  projectIds,
});

/** Whether two URLs are the same address, however they are written. */
export const sameUrl = (one: string, other: string): boolean =>
  one === other || (URL.canParse(one) && URL.canParse(other) && new URL(one).href === new URL(other).href);
