/** Which version of the schema Blue serves: `A` is the oldest that is known, `C` the newest. */
export type Generation = 'A' | 'B' | 'C';

/** The features of the schema, detected once for each token. */
export interface Features {
  readonly generation: Generation;
  /** Whether records can be filtered by `updatedAt` and `archived`, and sorted by `updatedAt`. */
  readonly filtersByTime: boolean;
  /** Whether comments have replies. */
  readonly threads: boolean;
  /** Whether the history of a record can be read, as far as the schema says. */
  readonly history: boolean;
  /** How it was detected. */
  readonly detectedBy: 'introspection' | 'trial';
}

interface Named {
  readonly name: string;
}

/** What introspection returns for the types that differ. */
export interface Introspected {
  readonly query?: { readonly fields?: readonly Named[] | null } | null;
  readonly filter?: { readonly inputFields?: readonly Named[] | null } | null;
  readonly sort?: { readonly enumValues?: readonly Named[] | null } | null;
  readonly comment?: { readonly fields?: readonly Named[] | null } | null;
}

/** Reads the response to the introspection. Prefers the newest name that is present. */
export function featuresIn({ query, filter, sort, comment }: Introspected): Features | undefined {
  const names = (list: readonly Named[] | null | undefined) => new Set(list?.map(({ name }) => name));
  const roots = names(query?.fields);
  if (roots.size === 0) return undefined;
  const inputs = names(filter?.inputFields);
  const filtersByTime =
    inputs.has('updatedAt_gte') && inputs.has('archived') && names(sort?.enumValues).has('updatedAt_ASC');
  const newest = roots.has('recordQueries') && roots.has('recordLists') && roots.has('workspaceList');
  return {
    generation: !filtersByTime ? 'A' : newest ? 'C' : 'B',
    filtersByTime,
    threads: names(comment?.fields).has('replies'),
    history: roots.has('todoActivity'),
    detectedBy: 'introspection',
  };
}

/** The features of a generation whose documents are accepted. */
export const featuresOf = (generation: Generation): Features => ({
  generation,
  filtersByTime: generation !== 'A',
  threads: generation !== 'A',
  history: true,
  detectedBy: 'trial',
});
