import { defineConfig } from 'tsup';
import { library } from '../../tools/config/tsup';

export default defineConfig(
  library(
    {
      index: 'src/index.ts',
      adapter: 'src/adapter.ts',
      'cloud-event': 'src/cloud-event.ts',
      changes: 'src/changes/index.ts',
      entities: 'src/entities.ts',
      schemas: 'src/schemas/index.ts',
      verify: 'src/verify-signature.ts',
      otel: 'src/otel.ts',
      'redis-ledger': 'src/redis-ledger.ts',
    },
    {
      'hmac/node': 'src/hmac/node.ts',
      'hmac/web': 'src/hmac/web.ts',
      events: 'src/events/index.ts',
    },
  ),
);
