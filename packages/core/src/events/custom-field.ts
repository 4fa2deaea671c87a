import { customField } from './entities';
import { family } from './family';

export const customFieldEvents = family(customField, {
  CUSTOM_FIELD_CREATED: 'created',
  CUSTOM_FIELD_DELETED: 'deleted',
  CUSTOM_FIELD_UPDATED: 'updated',
});
