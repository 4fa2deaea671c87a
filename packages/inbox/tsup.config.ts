import { defineConfig } from 'tsup';
import { library } from '../../tools/config/tsup';

export default defineConfig(
  library(
    {
      index: 'src/index.ts',
      bullmq: 'src/bullmq/index.ts',
      dashboard: 'src/dashboard/index.ts',
      'durable-object': 'src/durable-object/index.ts',
      page: 'src/page/index.ts',
      postgres: 'src/postgres/index.ts',
      'store-contract': 'src/store-contract.ts',
      testing: 'src/testing.ts',
    },
    { 'runtime/node': 'src/runtime/node.ts', 'runtime/workerd': 'src/runtime/workerd.ts' },
  ),
);
