/** Whether an error has a brand, which it has in every copy of the package, where `instanceof` fails. */
export function branded(error: unknown, brand: symbol): boolean {
  try {
    return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[brand] === true;
  } catch {
    return false; // a hostile proxy
  }
}
