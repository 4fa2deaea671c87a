import { createApp } from './app';
import { openSecrets } from './secrets';

const app = createApp(openSecrets(process.env.BLUE_SECRETS_DB ?? 'secrets.db'));
app.listen(3000, () => console.log('Listening on http://localhost:3000/webhooks/blue'));
