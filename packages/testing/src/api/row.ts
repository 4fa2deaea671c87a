/** A database row, as deliveries contain them. */
export type Row = Record<string, unknown>;

export const rowIn = (value: unknown): Row | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : undefined;

/** Returns the rows of a list; an empty list for any other value. */
export const rowsIn = (value: unknown): Row[] => (Array.isArray(value) ? value.filter((each) => rowIn(each)) : []);

export const isEntityRow = (row: Row): row is Row & { id: string } => typeof row.id === 'string';
