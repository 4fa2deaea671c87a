import { type FixtureName, fixtures } from '@blue-webhooks/testing';
import { CommandError } from './command-error';
import { didYouMean } from './nearest';
import { printable } from './printable';

/** Every name that has a sample: the events, the health check, the older shapes, and one that no catalogue knows. */
export const sampleNames = Object.keys(fixtures) as readonly FixtureName[];

export const isSampleName = (name: string): name is FixtureName => (sampleNames as readonly string[]).includes(name);

/**
 * A realistic payload, whatever case its name is typed in.
 * @throws CommandError naming those that may have been meant
 */
export function sampleOf(typed: string): { readonly event: string } & Record<string, unknown> {
  const name = typed.toUpperCase();
  if (isSampleName(name)) return fixtures[name];
  const hint = didYouMean(typed, sampleNames) || " 'blue-webhooks events' lists them.";
  throw new CommandError(`There is no event '${printable(typed, 60)}'.${hint}`);
}
