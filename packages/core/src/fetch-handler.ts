/** Answers Fetch requests, and is mounted as a whole, such as the dashboard of an inbox. */
export interface FetchHandler<Context extends readonly unknown[] = readonly unknown[]> {
  /** Answers a request. What follows it is the platform's own. */
  fetch(request: Request, ...context: Context): Promise<Response>;
}

/** @throws TypeError unless it has `fetch` */
export function requireFetchHandler<T extends FetchHandler<never>>(handler: T): T {
  if (typeof (handler as Partial<T> | undefined)?.fetch === 'function') return handler;
  throw new TypeError('blueDashboard needs a dashboard: blueDashboard(inboxDashboard(inbox, { authorize })).');
}
