import { app } from './app';

const address = await app.listen({ port: Number(process.env.PORT ?? 3000) });
console.log(`Listening on ${address}/webhooks/blue`);
