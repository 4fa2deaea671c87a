import { type NamedSecret, SECRET_VARIABLE } from '../secrets';
import type { Mutation } from './mutation';

/** A secret that the signature may have been made with. */
export interface SecretForm {
  readonly secret: string;
  /** Where it comes from. */
  readonly secretId: string;
  /** What was changed about the one that is configured. */
  readonly mutation: Mutation | undefined;
}

interface SecretMutation extends Mutation {
  forms(secret: string): readonly string[];
}

const copyAnew = 'Configure the secret exactly as createWebhook returned it';

const mutations: readonly SecretMutation[] = [
  {
    id: 'secret-trimmed',
    cause: 'The configured secret has whitespace around it, most often a line break at its end.',
    fix: `${copyAnew}: printf %s instead of echo, or trim what is read from a file.`,
    forms: (secret) => [secret.trim(), secret.replace(/\r?\n$/, '')],
  },
  {
    id: 'secret-newline',
    cause: 'Whoever signed used the secret with a line break at its end.',
    fix: 'Trim the secret where the signature is made: it was read from a file, or piped through echo.',
    forms: (secret) => [`${secret}\n`, `${secret}\r\n`],
  },
  {
    id: 'secret-quoted',
    cause: 'The configured secret has quotes around it.',
    fix: `${copyAnew}: some tools take the quotes in an .env file literally (docker --env-file does).`,
    forms: (secret) => [secret.trim().replace(/^(["'`])(.*)\1$/s, '$2')],
  },
  {
    id: 'secret-unquoted',
    cause: 'Whoever signed used the secret with quotes around it.',
    fix: 'Remove the quotes where the signature is made: some tools take those in an .env file literally.',
    forms: (secret) => [`"${secret}"`, `'${secret}'`],
  },
];

const another = (id: string, first: string): Mutation => ({
  id: 'another-secret',
  cause: `The signature was made with the secret of ${id}, not with that of ${first}.`,
  fix: 'Give the endpoint this secret, or both while one webhook replaces the other: secret accepts a list.',
});

const empty: Mutation = {
  id: 'secret-empty',
  cause: 'The signature was made with an empty secret.',
  fix: `Set the secret where the signature is made: a variable such as ${SECRET_VARIABLE} is not set there. Anyone can sign with an empty one.`,
};

/** Every secret worth a try: the configured ones, their mutations, none at all. The first is the one that is in use. */
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
