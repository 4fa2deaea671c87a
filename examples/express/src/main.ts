import { app } from './app';

app.listen(3000, () => console.log('Listening on http://localhost:3000/webhooks/blue'));
