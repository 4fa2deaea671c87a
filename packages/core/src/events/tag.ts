import { tag } from './entities';
import { family } from './family';

export const tagEvents = family(tag, {
  TAG_CREATED: 'created',
  TAG_DELETED: 'deleted',
  TAG_UPDATED: 'updated',
});
