import { defineConfig } from 'tsup';
import { library } from '../../tools/config/tsup';

export default defineConfig(
  library({ index: 'src/index.ts', cloudflare: 'src/cloudflare/index.ts', sqs: 'src/sqs/index.ts' }),
);
