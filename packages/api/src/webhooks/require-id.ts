/** Returns the id of a webhook. @throws TypeError unless it is a string that is not empty */
export function requireId(name: string, id: unknown): string {
  if (typeof id === 'string' && id !== '') return id;
  throw new TypeError(`\`${name}\` must be a non-empty string.`);
}
