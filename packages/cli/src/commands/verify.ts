import { safeVerify, verifySignature, type WebhookError } from '@blue-webhooks/core';
import type { Command } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { parseOptions } from '../options';
import { printable } from '../printable';
import { readInput } from '../read-input';
import { type NamedSecret, readSecrets, secretHelp, secretOption } from '../secrets';

/** Says whether a body is genuine, and whose secret it was signed with. */
export const verifyCommand: Command = {
  name: 'verify',
  summary: 'tell whether a signature fits a body, and which secret made it',
  help: `Usage: blue-webhooks verify [FILE] --signature HEX [options]

Verifies the bytes of FILE, or of what is piped in. Ends with 0 if the delivery is genuine, with 1 if not;
then 'blue-webhooks doctor' finds out why.

  --signature HEX     the value of the X-Signature header
${secretHelp}
  --json              the result as JSON

Example:
  blue-webhooks verify body.json --signature b4985c3d802c11f6ded9bc2bbf154b3052baa07229729684888790df4135c163`,
  async run(args, context) {
    const options = { ...secretOption, signature: { type: 'string' }, json: { type: 'boolean' } } as const;
    const { values, names } = parseOptions('verify', args, options, 1);
    if (values.signature === undefined) throw new CommandError('verify needs --signature HEX, the X-Signature header.');
    const secret = await readSecrets(values['secret-file'], context);
    const body = await readInput(names[0], context);
    const result = await safeVerify({ body, signature: values.signature, secret });
    const { out } = context;
    if (!result.ok) {
      const signer = await signerOf(body, values.signature, secret);
      if (signer) return unreadable(result.error, signer, values.json ?? false, context);
      const { code, message } = result.error;
      if (values.json) out.json({ genuine: false, code, message });
      else out.line(`${out.paint('red', 'not genuine')}  ${code}: ${message}`);
      return 1;
    }
    const { id, event, secretId, drift } = result.delivery;
    const name = event.event === 'UNKNOWN' ? event.name : event.event;
    if (values.json) out.json({ genuine: true, id, event: name, secret: secretId, drift });
    else {
      out.line(
        `${out.paint('green', 'genuine')}  ${printable(name, 80)}, signed with the secret of ${printable(secretId ?? '')}`,
      );
      for (const { path, expected } of drift) {
        out.line(`drift    ${printable(path, 120)} is not of the documented type: ${expected}`);
      }
    }
    return 0;
  },
};

/** Which secret signed the bytes, whatever they are: the signature says nothing of what is in them. */
async function signerOf(body: Uint8Array, signature: string, secrets: readonly NamedSecret[]) {
  for (const one of secrets) if (await verifySignature({ body, signature, secret: one.secret })) return one;
  return undefined;
}

/** The signature fits, but the body is not a delivery: a receiver would answer with the failure's status. */
function unreadable(
  { code, status, message }: WebhookError,
  { id }: NamedSecret,
  json: boolean,
  { out }: Context,
): number {
  if (json) out.json({ genuine: true, event: null, secret: id, code, message });
  else {
    out.line(`${out.paint('green', 'genuine')}  signed with the secret of ${printable(id)}`);
    out.line(`${out.paint('yellow', 'but')}      a receiver answers ${status} ${code}: ${printable(message)}`);
  }
  return 0;
}
