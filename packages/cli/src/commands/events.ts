import { eventNames } from '@blue-webhooks/core';
import type { Command } from '../command';
import { parseOptions } from '../options';
import { sampleNames, sampleOf } from '../samples';

/** Shows which events there are, and what one looks like. */
export const eventsCommand: Command = {
  name: 'events',
  summary: 'list the events, or print a sample of one',
  help: `Usage: blue-webhooks events [EVENT] [options]

Without EVENT: the catalogue, by what the events are about. With it: a realistic payload.

  --json              the catalogue as JSON (a sample is JSON anyway)

Examples:
  blue-webhooks events
  blue-webhooks events TODO_MOVED > moved.json`,
  async run(args, { out }) {
    const { values, names } = parseOptions('events', args, { json: { type: 'boolean' } }, 1);
    const families = Object.entries(eventNames);
    const others = sampleNames.filter(
      (name) => !families.some(([, known]) => (known as readonly string[]).includes(name)),
    );
    if (names[0] !== undefined) out.json(sampleOf(names[0]));
    else if (values.json) out.json({ ...eventNames, others });
    else {
      for (const [family, known] of [...families, ['others, to test with', others]] as const) {
        out.line(out.paint('bold', family));
        for (const name of known) out.line(`  ${name}`);
      }
      out.line("\n'blue-webhooks events EVENT' prints a sample.");
    }
    return 0;
  },
};
