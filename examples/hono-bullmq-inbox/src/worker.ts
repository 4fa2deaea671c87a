import { inbox } from './inbox';

await inbox.start();
console.log('Working');

process.once('SIGTERM', () => inbox.stop());
