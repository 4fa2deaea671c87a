import { defineConfig } from 'tsup';
import { library } from '../../tsup.base';

export default defineConfig(
  library({
    index: 'src/index.ts',
    bullmq: 'src/bullmq/index.ts',
    postgres: 'src/postgres/index.ts',
    'store-contract': 'src/store-contract.ts',
  }),
);
