import { generateKeyPairSync } from 'node:crypto';
import { sqliteStore } from '@blue-webhooks/inbox';
import { serve } from '@hono/node-server';
import { createBilling } from './billing';
import { createGateway } from './gateway';
import { createSearch } from './search';

// A key for this run. A real gateway stores one with the secret: openssl genpkey -algorithm ed25519
const { privateKey } = generateKeyPairSync('ed25519');
const key = process.env.EVENT_TOKEN_KEY ?? privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const gateway = 'http://localhost:3000';
createBilling({ gateway, audience: 'billing' }).listen(3001);
serve({ fetch: createSearch({ gateway, audience: 'search' }).fetch, port: 3002 });
const { app, start, stop } = createGateway({
  issuer: gateway,
  key,
  secret: process.env.BLUE_WEBHOOK_SECRET,
  services: [
    { audience: 'billing', to: 'http://localhost:3001/events' },
    { audience: 'search', to: 'http://localhost:3002/events' },
  ],
  openStore: (audience) => sqliteStore(`token-gateway-${audience}.db`),
});
await start();
const server = serve({ fetch: app.fetch, port: 3000 });
process.once('SIGTERM', () => server.close(() => void stop().then(() => process.exit())));
console.log(`Listening on ${gateway}/webhooks/blue; see http://localhost:3001/done and http://localhost:3002/titles`);
