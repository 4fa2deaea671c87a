/** What an option of ioredis is called, and its value. */
export type Options = Readonly<Record<string, unknown>>;

/** Options that the inbox sets itself, so a URL's query must not set them. */
const ownOptions = ['enableOfflineQueue', 'lazyConnect', 'maxRetriesPerRequest', 'commandTimeout', 'stringNumbers'];

/** @throws TypeError for what is neither options nor a client that BullMQ can use */
export function requireKind(input: object): void {
  if (isThenable(input)) {
    throw new TypeError(
      'connection is a promise: pass what it resolves to, such as await createClient({ url }).connect().',
    );
  }
  if (Array.isArray(input)) {
    throw new TypeError('connection is a list: for the nodes of a cluster, pass new Cluster(nodes) of ioredis.');
  }
  if (typeof (input as Options).duplicate !== 'function' && typeof (input as Options).sendCommand === 'function') {
    throw new TypeError(
      'connection is a client that BullMQ cannot copy, such as a pool or a Sentinel of node-redis: pass options such as { sentinels, name }, or a client of ioredis.',
    );
  }
}

/**
 * Returns the URL, without what the inbox sets itself.
 * @throws TypeError for a URL that cannot work, without quoting it
 */
export function requireUrl(given: unknown): string {
  if (given === undefined || given === '') {
    throw new TypeError('connection.url is empty: is the environment variable set that it comes from?');
  }
  let url: URL;
  try {
    url = new URL(String(given));
  } catch {
    // Not the cause: it quotes the URL, and with it the password.
    throw new TypeError(
      'connection is not a valid URL: percent-encode special characters in its user name and password.',
    );
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw new TypeError('connection must be a redis:// or rediss:// URL; for PostgreSQL, use postgres instead.');
  }
  if (url.searchParams.get('keyPrefix')) requireNoKeyPrefix({ keyPrefix: true });
  requirePrimary({ role: url.searchParams.get('role') });
  requireDatabase(url.searchParams.get('db') ?? (url.pathname.slice(1) || undefined));
  const overridden = ownOptions.filter((option) => url.searchParams.has(option));
  for (const option of overridden) url.searchParams.delete(option);
  return overridden.length > 0 ? url.href : String(given);
}

/** @throws TypeError for a prefix of ioredis, in whichever place */
export function requireNoKeyPrefix({ keyPrefix }: Options): void {
  if (!keyPrefix) return;
  throw new TypeError(
    'keyPrefix of ioredis does not work with BullMQ, whose scripts do not see it: remove it, and set prefix of bullmqInbox instead.',
  );
}

/** @throws TypeError for a replica, to which ioredis connects through Sentinel if it is asked to */
export function requirePrimary({ role }: Options): void {
  if (role !== 'slave') return;
  throw new TypeError("role: 'slave' leads to a replica, which refuses to write: leave role out.");
}

/** Names of options that ioredis ignores, and would connect to this machine instead. */
const ignoredOptions = ['connection', 'connectionString', 'hostname', 'socket', 'uri'];

/** @throws TypeError for a server that is named in a way which leads elsewhere, without quoting it */
export function requireServer(given: Options): void {
  const unknown = ignoredOptions.find((name) => given[name] !== undefined);
  if (unknown) {
    throw new TypeError(
      `connection.${unknown} is not an option: pass { url }, { host, port }, { path } or { sentinels, name }.`,
    );
  }
  const { host, db } = given;
  requireDatabase(db);
  if (typeof host !== 'string') return;
  if (host.includes('://')) {
    throw new TypeError('connection.host must be the name of a host: pass a URL as connection.url, or as connection.');
  }
  if (host.split(':').length === 2) throw new TypeError('connection.host contains a port: pass it as connection.port.');
}

/** @throws TypeError for a database of Redis that is not a number: ioredis would use the first one, and leave a rejection unhandled */
export function requireDatabase(db: unknown): void {
  if (db === undefined || db === null || /^\d+$/.test(String(db))) return;
  throw new TypeError('The database of the connection must be a number: redis://host:6379/0.');
}

const isThenable = (value: object): boolean => typeof (value as Options).then === 'function';
