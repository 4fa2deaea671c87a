import { sign } from '@blue-webhooks/core';
import { type AddCommand, examples } from '../command';
import { readInput } from '../read-input';
import { readSecrets, secretFileOption } from '../secrets';

interface Options {
  readonly secretFile?: readonly string[];
  readonly json?: boolean;
}

/** Prints the header that Blue would send with a body. */
export const addSign: AddCommand = (program, context, end) => {
  program
    .command('sign')
    .summary('Print the X-Signature header that Blue would send with a body.')
    .description('Sign the bytes of FILE, or of standard input, with the first secret.')
    .usage('[FILE] [options]')
    .argument('[FILE]', "the body ('-' for standard input)")
    .addOption(secretFileOption())
    .option('--json', 'Print {"x-signature":"..."}.')
    .addHelpText(
      'after',
      `${examples('sign body.json')}
  curl -H "$(blue-webhooks sign body.json)" --data-binary @body.json http://localhost:3000/webhooks/blue`,
    )
    .action(async (file: string | undefined, { secretFile, json }: Options) => {
      const [{ secret }] = await readSecrets(secretFile, context);
      const signature = await sign(await readInput(file, context), secret);
      if (json) context.out.jsonLine({ 'x-signature': signature });
      else context.out.line(`X-Signature: ${signature}`);
      end(0);
    });
};
