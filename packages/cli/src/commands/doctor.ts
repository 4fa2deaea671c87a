import type { Command } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { diagnose } from '../doctor/diagnose';
import { probe } from '../doctor/probe';
import { parseOptions, urlOf } from '../options';
import { printable } from '../printable';
import { readInput } from '../read-input';
import { readSecrets, readStoredSecrets, secretHelp, secretOption } from '../secrets';

/** Finds out why deliveries are refused. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'find out why a signature does not match, or why an endpoint refuses deliveries',
  help: `Usage: blue-webhooks doctor --body FILE --signature HEX [options]
       blue-webhooks doctor --url URL [options]

With a body and a signature: tries everything that is known to go wrong with the secret, the body and the signature,
and names what explains the signature, and the cure. Ends with 0 if the signature simply matches.

With a URL: sends your endpoint a signed health check, a forged one and an unsigned one, and explains its answers.
Ends with 0 if each is right.

  --body FILE         the body as your endpoint got it ('-': what is piped in)
  --signature HEX     the X-Signature header that came with it
  --url URL           your endpoint
${secretHelp}
                      the first one counts as the one that your endpoint uses
  --json              the result as JSON

Examples:
  blue-webhooks doctor --body refused.json --signature 86a68f94...
  blue-webhooks doctor --url http://localhost:3000/webhooks/blue`,
  async run(args, context) {
    const options = {
      ...secretOption,
      body: { type: 'string' },
      signature: { type: 'string' },
      url: { type: 'string' },
      json: { type: 'boolean' },
    } as const;
    const { values } = parseOptions('doctor', args, options);
    const { body, signature, url, json = false } = values;
    const files = values['secret-file'];
    if (url !== undefined && body === undefined && signature === undefined) return examine(url, files, json, context);
    if (url === undefined && body !== undefined && signature !== undefined) {
      return explain({ body, signature }, files, json, context);
    }
    throw new CommandError('doctor needs either --body FILE and --signature HEX, or --url URL.');
  },
};

async function explain(
  { body, signature }: { readonly body: string; readonly signature: string },
  files: readonly string[] | undefined,
  json: boolean,
  context: Context,
): Promise<number> {
  const { out } = context;
  const secrets = await readStoredSecrets(files, context);
  const { mutations, secretId } = diagnose(await readInput(body, context), signature, secrets);
  const matches = mutations?.length === 0;
  if (json) {
    const causes = mutations?.map(({ id, cause, fix }) => ({ id, cause, fix })) ?? null;
    out.json({ matches, causes, secret: secretId ?? null });
    return matches ? 0 : 1;
  }
  if (matches) {
    out.line(
      `${out.paint('green', 'It matches.')} The signature fits the body under the secret of ${printable(secretId ?? '')}.`,
    );
    return 0;
  }
  out.line(out.paint('red', 'The signature does not match.'));
  if (!mutations) {
    out.line(
      'There is no known mutation that explains it. What remains: it was made with the secret of another webhook,',
    );
    out.line('the body was changed in another way, or the delivery is forged.');
    return 1;
  }
  for (const { id, cause, fix } of mutations) {
    out.line(`\n${out.paint('bold', 'Cause')}  ${printable(cause)} ${out.paint('dim', `(${id})`)}`);
    out.line(`${out.paint('bold', 'Fix')}    ${printable(fix)}`);
  }
  return 1;
}

async function examine(
  target: string,
  files: readonly string[] | undefined,
  json: boolean,
  context: Context,
): Promise<number> {
  const { out } = context;
  const url = urlOf('--url', target);
  const [{ secret }] = await readSecrets(files, context);
  const findings = await probe(url, secret, context.signal);
  const ok = findings.every((finding) => finding.ok);
  if (json) out.json({ url: url.href, ok, findings });
  else {
    for (const { probe: name, status, ok: right, durationMs, explanation } of findings) {
      const mark = right ? out.paint('green', 'right') : out.paint('red', 'wrong');
      const took = durationMs === undefined ? '' : `${Math.round(durationMs)} ms`;
      out.line(`${mark}  ${name.padEnd(14)}${String(status ?? '-').padEnd(5)}${took.padEnd(9)}${explanation}`);
    }
  }
  return ok ? 0 : 1;
}
