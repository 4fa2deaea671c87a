import { serve } from '@hono/node-server';
import { pino } from 'pino';
import { createApp } from './app';

const logger = pino();
const port = Number(process.env.PORT ?? 3000);
serve({ fetch: createApp(logger).fetch, port }, () => logger.info(`http://localhost:${port}/webhooks/blue`));
