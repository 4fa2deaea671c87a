import { type FixtureName, fixtures } from '@blue-webhooks/testing';
import { CommandError } from './command-error';
import { didYouMean } from './nearest';
import { printable } from './printable';

/** Every name that has a sample: the events, the health check, older shapes, and an event outside the catalogue. */
export const sampleNames = Object.keys(fixtures) as readonly FixtureName[];

export const isSampleName = (name: string): name is FixtureName => (sampleNames as readonly string[]).includes(name);

/**
 * Returns a realistic payload. The name is case-insensitive.
 * @throws CommandError with similar names if there is no such event
 */
export function sampleOf(typed: string): { readonly event: string } & Record<string, unknown> {
  const name = typed.toUpperCase();
  if (isSampleName(name)) return fixtures[name];
  const hint = didYouMean(typed, sampleNames) || " 'blue-webhooks events' lists the events.";
  throw new CommandError(`Unknown event '${printable(typed, 60)}'.${hint}`);
}
