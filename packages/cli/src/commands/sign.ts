import { sign } from '@blue-webhooks/core';
import type { Command } from '../command';
import { parseOptions } from '../options';
import { readInput } from '../read-input';
import { readSecrets, secretHelp, secretOption } from '../secrets';

/** Prints the header that Blue would send with a body. */
export const signCommand: Command = {
  name: 'sign',
  summary: 'print the X-Signature header that Blue would send with a body',
  help: `Usage: blue-webhooks sign [FILE] [options]

Signs the bytes of FILE, or of what is piped in, with the first secret.

${secretHelp}
  --json              {"x-signature":"..."}

Examples:
  blue-webhooks sign body.json
  curl -H "$(blue-webhooks sign body.json)" --data-binary @body.json http://localhost:3000/webhooks/blue`,
  async run(args, context) {
    const { values, names } = parseOptions('sign', args, { ...secretOption, json: { type: 'boolean' } }, 1);
    const [{ secret }] = await readSecrets(values['secret-file'], context);
    const signature = await sign(await readInput(names[0], context), secret);
    if (values.json) context.out.jsonLine({ 'x-signature': signature });
    else context.out.line(`X-Signature: ${signature}`);
    return 0;
  },
};
