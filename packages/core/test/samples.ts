import { readFileSync } from 'node:fs';

/** The secret under which openssl signed the published deliveries. */
const sampleSecret = 'blue-test-secret-1';

const signatures = {
  'todo-created': 'b4985c3d802c11f6ded9bc2bbf154b3052baa07229729684888790df4135c163',
  'record-created-documented': '86a68f94ea276c24453a2a51813f0286f9d81dfc32d4b2e9002320916f23ec4e',
  'todo-done-status-updated': 'ae605f8cc6b7c2b009f29be0382fda962caaebaa550ecf4d43eca668ef63baf4',
  'custom-field-deleted-older': 'fc867345ce252e155e9aeddf1034a3672601bcdf24cc6ce2653e7998597b2209',
  'webhook-health-check': '22b32531ebd0d5e95da77803ade4a37a5f7d7857acd456434d11fe3bef2711c8',
};

/** A published delivery, as its bytes, and the signature that openssl made of them. */
export function sample(name: keyof typeof signatures) {
  const body = readFileSync(new URL(`../../testing/samples/${name}.json`, import.meta.url));
  return { body, signature: signatures[name], secret: sampleSecret };
}

export const sampleNames = Object.keys(signatures) as (keyof typeof signatures)[];
