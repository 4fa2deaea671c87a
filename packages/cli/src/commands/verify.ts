import { safeVerify, verifySignature, type WebhookError } from '@blue-webhooks/core';
import { type AddCommand, examples } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { printable } from '../printable';
import { readInput } from '../read-input';
import { type NamedSecret, readSecrets, secretFileOption } from '../secrets';

interface Options {
  readonly signature?: string;
  readonly secretFile?: readonly string[];
  readonly json?: boolean;
}

/** Verifies the signature of a body, and reports which secret made it. */
export const addVerify: AddCommand = (program, context, end) => {
  program
    .command('verify')
    .summary('Verify the signature of a body, and print which secret made it.')
    .description(
      `Verify the bytes of FILE, or of standard input. Exits with 0 if the signature is genuine, with 1 if not; then 'blue-webhooks doctor' finds the cause.`,
    )
    .usage('[FILE] --signature HEX [options]')
    .argument('[FILE]', "the body ('-' for standard input)")
    .option('--signature <HEX>', 'the value of the X-Signature header')
    .addOption(secretFileOption())
    .option('--json', 'Print the result as JSON.')
    .addHelpText(
      'after',
      examples('verify body.json --signature b4985c3d802c11f6ded9bc2bbf154b3052baa07229729684888790df4135c163'),
    )
    .action(async (file: string | undefined, options: Options) => end(await verify(file, options, context)));
};

async function verify(file: string | undefined, options: Options, context: Context): Promise<number> {
  const { signature, secretFile, json = false } = options;
  const { out } = context;
  if (signature === undefined) throw new CommandError('verify needs --signature HEX, the X-Signature header.');
  const secret = await readSecrets(secretFile, context);
  const body = await readInput(file, context);
  const result = await safeVerify({ body, signature, secret });
  if (!result.ok) {
    const signer = await signerOf(body, signature, secret);
    if (signer) return unreadable(result.error, signer, json, context);
    const { code, message } = result.error;
    if (json) out.json({ genuine: false, code, message });
    else out.line(`${out.paint('red', 'not genuine')}  ${code}: ${printable(message)}`);
    return 1;
  }
  const { id, event, secretId, drift } = result.delivery;
  const name = event.event === 'UNKNOWN' ? event.name : event.event;
  if (json) out.json({ genuine: true, id, event: name, secret: secretId, drift });
  else {
    const signer = printable(secretId ?? '');
    out.line(`${out.paint('green', 'genuine')}  ${printable(name, 80)}, signed with the secret from ${signer}`);
    for (const { path, expected } of drift) {
      out.line(`drift    ${printable(path, 120)} does not have the documented type: ${expected}`);
    }
  }
  return 0;
}

/** Returns the secret that signed the bytes, whatever they are: a signature says nothing about their content. */
async function signerOf(body: Uint8Array, signature: string, secrets: readonly NamedSecret[]) {
  for (const one of secrets) if (await verifySignature({ body, signature, secret: one.secret })) return one;
  return undefined;
}

/** Reports a body whose signature is genuine, but which a receiver refuses. */
function unreadable({ code, status, message }: WebhookError, { id }: NamedSecret, json: boolean, { out }: Context) {
  if (json) out.json({ genuine: true, event: null, secret: id, code, message });
  else {
    out.line(`${out.paint('green', 'genuine')}  signed with the secret from ${printable(id)}`);
    out.line(`${out.paint('yellow', 'but')}      a receiver responds with ${status} ${code}: ${printable(message)}`);
  }
  return 0;
}
