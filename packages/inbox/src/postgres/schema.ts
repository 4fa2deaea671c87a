/** The schema's objects, for migrations and statements. */
export interface Schema {
  /** The schema's name as an identifier of SQL. */
  readonly name: string;
  readonly deliveries: string;
  readonly bodies: string;
  readonly digests: string;
  readonly counts: string;
  readonly pauses: string;
  readonly limits: string;
  readonly version: string;
}

const MAX_NAME_LENGTH = 63;

/** @throws TypeError for a name that PostgreSQL would cut off, and for one with other characters than letters, digits, `_` and `-` */
export function schemaOf(name: unknown): Schema {
  if (typeof name !== 'string' || name.length > MAX_NAME_LENGTH || !/^[a-z_][a-z0-9_-]*$/i.test(name)) {
    throw new TypeError(
      'schema must consist of ASCII letters, digits, _ and -, start with a letter or _, and have at most 63 characters.',
    );
  }
  const of = (object: string) => `"${name}".${object}`;
  return {
    name: `"${name}"`,
    deliveries: of('deliveries'),
    bodies: of('bodies'),
    digests: of('digests'),
    counts: of('counts'),
    pauses: of('pauses'),
    limits: of('limits'),
    version: of('version'),
  };
}

/** The states of deliveries that are still to be handled, as the indexes have them. */
export const unfinished = "state IN ('held', 'waiting', 'active')";

/** The server's clock, in milliseconds since 1970: the machines that share a store need not agree on the time. */
export const serverNow = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
