import { comment } from './entities';
import { family } from './family';

export const commentEvents = family(comment, {
  COMMENT_CREATED: 'created',
  COMMENT_DELETED: 'deleted',
  COMMENT_UPDATED: 'updated',
});
