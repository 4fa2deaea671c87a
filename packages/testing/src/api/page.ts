/** One page of a list, with its `pageInfo`. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly totalItems: number | null;
    readonly totalPages: number | null;
    readonly page: number;
    readonly perPage: number;
    readonly nextCursor: string | null;
  };
  readonly totalCount: number;
}

/** Returns a page of a list. */
export function pageOf<T extends { readonly id?: unknown }>(all: readonly T[], skip: number, take: number): Page<T> {
  const items = all.slice(skip, skip + take);
  const hasNextPage = skip + items.length < all.length;
  return {
    items,
    pageInfo: {
      hasNextPage,
      hasPreviousPage: skip > 0,
      totalItems: all.length,
      totalPages: Math.ceil(all.length / take),
      page: Math.floor(skip / take) + 1,
      perPage: take,
      nextCursor: hasNextPage ? String(items.at(-1)?.id) : null,
    },
    totalCount: all.length,
  };
}
