import customFieldDeletedOlder from '../samples/custom-field-deleted-older.json';
import recordCreated from '../samples/record-created-documented.json';
import todoCreated from '../samples/todo-created.json';
import todoDoneStatusUpdated from '../samples/todo-done-status-updated.json';
import healthCheck from '../samples/webhook-health-check.json';

/** A delivery that Blue has published, and its signature as computed by openssl. */
export interface Sample {
  readonly event: string;
  /** The body's text, byte for byte as published (in compact form). */
  readonly body: string;
  /** The `X-Signature` of `body` under `sampleSecret`. */
  readonly signature: string;
}

/** The secret that the samples are signed with. */
export const sampleSecret = 'blue-test-secret-1';

/**
 * The deliveries that Blue has published or documented, with signatures that were computed by openssl and not by this
 * library: an independent reference.
 */
export const samples = Object.freeze({
  TODO_CREATED: sample(todoCreated, 'b4985c3d802c11f6ded9bc2bbf154b3052baa07229729684888790df4135c163'),
  TODO_DONE_STATUS_UPDATED: sample(
    todoDoneStatusUpdated,
    'ae605f8cc6b7c2b009f29be0382fda962caaebaa550ecf4d43eca668ef63baf4',
  ),
  CUSTOM_FIELD_DELETED_OLDER: sample(
    customFieldDeletedOlder,
    'fc867345ce252e155e9aeddf1034a3672601bcdf24cc6ce2653e7998597b2209',
  ),
  RECORD_CREATED: sample(recordCreated, '86a68f94ea276c24453a2a51813f0286f9d81dfc32d4b2e9002320916f23ec4e'),
  WEBHOOK_HEALTH_CHECK: sample(healthCheck, '22b32531ebd0d5e95da77803ade4a37a5f7d7857acd456434d11fe3bef2711c8'),
});

function sample(payload: { event: string }, signature: string): Sample {
  return Object.freeze({ event: payload.event, body: JSON.stringify(payload), signature });
}
