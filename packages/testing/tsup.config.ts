import { defineConfig } from 'tsup';
import { library } from '../../tsup.base';

export default defineConfig(
  library({
    index: 'src/index.ts',
    'adapter-contract': 'src/adapter-contract.ts',
    'ledger-contract': 'src/ledger-contract.ts',
  }),
);
