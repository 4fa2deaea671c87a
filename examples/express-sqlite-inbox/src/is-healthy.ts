/** Exits with 0 if the endpoint of this container works: the health check of the Dockerfile. */
const response = await fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/health`).catch(() => undefined);
process.exit(response?.ok ? 0 : 1);

export {};
