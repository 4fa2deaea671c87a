const MAX_LENGTH = 1_000;

/** What was thrown, as a text of bounded length. Whatever is thrown, even what cannot be looked at, this does not throw. */
export function errorText(error: unknown): string {
  try {
    const text = describe(error);
    return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
  } catch {
    return 'Something was thrown that cannot be put into words.';
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : `Thrown: ${String(error)}`;
  const text = `${error.name}: ${error.message}`;
  return error instanceof AggregateError ? `${text} ${error.errors.map(errorText).join(' ')}` : text;
}
