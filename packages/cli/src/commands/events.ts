import { eventNames } from '@blue-webhooks/core';
import { type AddCommand, examples } from '../command';
import { sampleNames, sampleOf } from '../samples';

/** Lists the events, or prints a sample of one. */
export const addEvents: AddCommand = (program, { out }, end) => {
  program
    .command('events')
    .summary('List the events, or print a sample of one.')
    .description('List the catalogue by entity, or print a realistic payload of EVENT.')
    .usage('[EVENT] [options]')
    .argument('[EVENT]', 'the name of an event')
    .option('--json', 'Print the catalogue as JSON (a sample is JSON anyway).')
    .addHelpText('after', examples('events', 'events TODO_MOVED > moved.json'))
    .action((event: string | undefined, { json }: { readonly json?: boolean }) => {
      const families = Object.entries(eventNames);
      const known = new Set<string>(families.flatMap(([, names]) => names));
      const others = sampleNames.filter((name) => !known.has(name));
      if (event !== undefined) out.json(sampleOf(event));
      else if (json) out.json({ ...eventNames, others });
      else {
        for (const [family, names] of [...families, ['others, for tests', others]] as const) {
          out.line(out.paint('bold', family));
          for (const name of names) out.line(`  ${name}`);
        }
        out.line("\n'blue-webhooks events EVENT' prints a sample.");
      }
      end(0);
    });
};
