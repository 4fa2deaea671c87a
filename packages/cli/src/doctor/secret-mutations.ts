import { type NamedSecret, SECRET_VARIABLE } from '../secrets';
import type { Mutation } from './mutation';

/** A secret that may have made the signature. */
export interface SecretForm {
  readonly secret: string;
  /** Where it comes from. */
  readonly secretId: string;
  /** The change from the configured secret. */
  readonly mutation: Mutation | undefined;
}

interface SecretMutation extends Mutation {
  forms(secret: string): readonly string[];
}

const copyAgain = 'Configure the secret exactly as createWebhook returned it';

const mutations: readonly SecretMutation[] = [
  {
    id: 'secret-trimmed',
    cause: 'The configured secret has whitespace around it, most often a line break at its end.',
    fix: `${copyAgain}: printf %s instead of echo, or trim what is read from a file.`,
    forms: (secret) => [secret.trim(), secret.replace(/\r?\n$/, '')],
  },
  {
    id: 'secret-newline',
    cause: 'The signer used the secret with a line break at its end.',
    fix: 'Trim the secret where the signature is made: it was read from a file, or piped through echo.',
    forms: (secret) => [`${secret}\n`, `${secret}\r\n`],
  },
  {
    id: 'secret-quoted',
    cause: 'The configured secret has quotes around it.',
    fix: `${copyAgain}: some tools take the quotes in an .env file literally (docker --env-file does).`,
    forms: (secret) => [secret.trim().replace(/^(["'`])(.*)\1$/s, '$2')],
  },
  {
    id: 'secret-unquoted',
    cause: 'The signer used the secret with quotes around it.',
    fix: 'Remove the quotes where the signature is made: some tools take those in an .env file literally.',
    forms: (secret) => [`"${secret}"`, `'${secret}'`],
  },
];

const another = (id: string, first: string): Mutation => ({
  id: 'another-secret',
  cause: `The signature was made with the secret of ${id}, not with that of ${first}.`,
  fix: 'Configure this secret in the endpoint, or both while one webhook replaces the other: `secret` accepts a list.',
});

const empty: Mutation = {
  id: 'secret-empty',
  cause: 'The signature was made with an empty secret.',
  fix: `Set the secret where the signature is made: a variable such as ${SECRET_VARIABLE} is not set there. Anyone can sign with an empty secret.`,
};

/** Returns every secret to try: the configured ones, their mutations, and the empty one. The first is the one in use. */
export function secretForms(secrets: readonly NamedSecret[]): readonly SecretForm[] {
  const first = secrets[0]?.id ?? '';
  const configured = secrets.map(({ id, secret }, place) => ({
    secret,
    secretId: id,
    mutation: place === 0 ? undefined : another(id, first),
  }));
  const mutated = secrets.flatMap(({ id, secret }) =>
    mutations.flatMap((mutation) =>
      mutation
        .forms(secret)
        .filter((form) => form !== secret && form !== '')
        .map((form) => ({ secret: form, secretId: id, mutation })),
    ),
  );
  return [...configured, ...mutated, { secret: '', secretId: '', mutation: empty }];
}
