import { Hono } from 'hono';
import { createService, type ServiceOptions } from './service';

/** Creates a service on Hono that finds records by their titles. */
export function createSearch(options: ServiceOptions): Hono {
  const titles = new Map<string, string>();
  const tokens = createService(options, ({ event }) => {
    if (event?.event === 'TODO_DELETED') titles.delete(event.previousValue.id);
    if (event?.event === 'TODO_CREATED' || event?.event === 'TODO_NAME_CHANGED') {
      titles.set(event.currentValue.id, event.currentValue.title);
    }
  });
  const app = new Hono();
  app.post('/events', (c) => tokens.fetch(c.req.raw));
  app.get('/titles', (c) => c.json([...titles.values()]));
  return app;
}
