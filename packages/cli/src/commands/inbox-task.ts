import { type DeliveryFilter, type Inbox, StoreError } from '@blue-webhooks/inbox';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { printable } from '../printable';
import type { ReplayRequest } from './inbox-replay';

/** What an action of the command works with. */
export interface Task {
  readonly inbox: Inbox;
  readonly db: string;
  readonly ids: readonly string[];
  readonly filter: DeliveryFilter;
  readonly limit: number;
  readonly webhookId: string | undefined;
  readonly pausing: { readonly reason?: string | undefined; readonly by?: string | undefined };
  readonly replaying: Omit<ReplayRequest, 'json'>;
  readonly mentions: boolean;
  readonly json: boolean;
  readonly context: Context;
}

const MIN_PREFIX = 4;

/** Returns the id of a delivery. @throws CommandError unless the id, or its beginning, identifies one */
export async function find(inbox: Inbox, typed: string): Promise<string> {
  if (await exists(inbox, typed)) return typed;
  const { deliveries } = typed.length < MIN_PREFIX ? { deliveries: [] } : await inbox.list({ limit: 1_000 });
  const [found, another] = deliveries.filter(({ id }) => id.startsWith(typed));
  if (another) throw new CommandError(`Several delivery ids start with '${printable(typed, 60)}': pass more of it.`);
  if (found) return found.id;
  throw notFound(typed);
}

/** Whether a delivery is stored, also if its body cannot be decrypted. */
async function exists(inbox: Inbox, id: string): Promise<boolean> {
  try {
    return (await inbox.get(id)) !== undefined;
  } catch (error) {
    if (isLocked(error)) return true;
    throw error;
  }
}

/** The error for an id that no delivery has. */
export const notFound = (typed: string) => new CommandError(`No delivery has the id '${printable(typed, 60)}'.`);

/** Whether a body cannot be decrypted. */
export const isLocked = (error: unknown): error is StoreError =>
  StoreError.is(error) && (error.code === 'KEY_MISSING' || error.code === 'NOT_DECRYPTED');

/** The message of a TypeError names the option: a mistake in how the command is used. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof TypeError ? new CommandError(error.message) : error;
  }
}
