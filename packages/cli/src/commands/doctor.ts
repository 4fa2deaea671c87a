import { type AddCommand, examples } from '../command';
import { CommandError } from '../command-error';
import type { Context } from '../context';
import { diagnose } from '../doctor/diagnose';
import { probe } from '../doctor/probe';
import { urlOption } from '../options';
import { printable } from '../printable';
import { readInput } from '../read-input';
import { readSecrets, readStoredSecrets, secretFileOption } from '../secrets';

interface Options {
  readonly body?: string;
  readonly signature?: string;
  readonly url?: URL;
  readonly secretFile?: readonly string[];
  readonly json?: boolean;
}

/** Finds out why deliveries are refused. */
export const addDoctor: AddCommand = (program, context, end) => {
  program
    .command('doctor')
    .summary('Find out why a signature does not match, or why an endpoint refuses deliveries.')
    .description(
      `With --body and --signature: try every known mistake with the secret, the body and the signature, and print the one that explains the signature, and its fix. Exits with 0 if the signature matches.

With --url: send your endpoint a signed, a forged and an unsigned health check, and explain its responses. Exits with 0 if each of them is right.`,
    )
    .usage('--body FILE --signature HEX [options]\n       blue-webhooks doctor --url URL [options]')
    .option('--body <FILE>', "the body as your endpoint received it ('-' for standard input)")
    .option('--signature <HEX>', 'the X-Signature header that came with it')
    .option('--url <URL>', 'your endpoint', urlOption('url'))
    .addOption(secretFileOption())
    .option('--json', 'Print the result as JSON.')
    .addHelpText(
      'after',
      `\nThe first secret is the one that your endpoint uses.\n${examples(
        'doctor --body refused.json --signature 86a68f94...',
        'doctor --url http://localhost:3000/webhooks/blue',
      )}`,
    )
    .action(async ({ body, signature, url, secretFile, json = false }: Options) => {
      if (url !== undefined && body === undefined && signature === undefined) {
        end(await examine(url, secretFile, json, context));
      } else if (url === undefined && body !== undefined && signature !== undefined) {
        end(await explain({ body, signature }, secretFile, json, context));
      } else throw new CommandError('doctor needs either --body FILE and --signature HEX, or --url URL.');
    });
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
    const signer = printable(secretId ?? '');
    out.line(`${out.paint('green', 'The signature matches')} the body, with the secret from ${signer}.`);
    return 0;
  }
  out.line(out.paint('red', 'The signature does not match.'));
  if (!mutations) {
    out.line(
      'No known mistake explains it. It was made with the secret of another webhook, the body was changed in a way',
    );
    out.line('that this command does not try, or the delivery is forged.');
    return 1;
  }
  for (const { id, cause, fix } of mutations) {
    out.line(`\n${out.paint('bold', 'Cause')}  ${printable(cause)} ${out.paint('dim', `(${id})`)}`);
    out.line(`${out.paint('bold', 'Fix')}    ${printable(fix)}`);
  }
  return 1;
}

async function examine(
  url: URL,
  files: readonly string[] | undefined,
  json: boolean,
  context: Context,
): Promise<number> {
  const { out } = context;
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
