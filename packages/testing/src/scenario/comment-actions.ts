import { setColumns } from './change';
import type { Action } from './record-actions';
import { comments } from './words';
import type { Comment } from './workspace';

export const createComment: Action = (workspace) => {
  const record = workspace.records.pick();
  if (!record) return undefined;
  const columns = { ...workspace.newRow(), ...written(workspace.choose(comments)) };
  const comment: Comment = { columns, record, author: workspace.choose(workspace.users) };
  workspace.comments.add(comment);
  return workspace.journal.created('COMMENT_CREATED', workspace.commentRow(comment));
};

export const updateComment: Action = (workspace) => {
  const comment = workspace.comments.pick();
  if (!comment) return undefined;
  const text = workspace.chooseOther(comments, comment.columns.text);
  const changes = setColumns(comment, workspace.now, written(text));
  return workspace.journal.updated('COMMENT_UPDATED', workspace.commentRow(comment), changes);
};

export const deleteComment: Action = (workspace) => {
  const comment = workspace.comments.pick();
  if (!comment) return undefined;
  workspace.comments.delete(comment);
  return workspace.journal.deleted('COMMENT_DELETED', comment.columns);
};

const written = (text: string) => ({ html: `<p>${text.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</p>`, text });
