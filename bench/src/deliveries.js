import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';

const sample = (name) => readFileSync(new URL(`../../packages/testing/samples/${name}.json`, import.meta.url));
const published = sample('todo-created');

/** Deliveries by size. Up to 2.3 KB they are published by Blue; larger ones are a record with more comments. */
export const deliveries = {
  '360 B': sample('todo-done-status-updated'),
  '2.3 KB': published,
  '16 KB': ofSize(16 * 1024),
  '256 KB': ofSize(256 * 1024),
  '1 MB': ofSize(1024 * 1024),
  '10 MB': ofSize(10 * 1024 * 1024),
};

/** The published `TODO_CREATED` with as many comments as it takes. */
export function ofSize(bytes) {
  const payload = JSON.parse(published.toString());
  const comment = (place) => ({
    id: `clb4nj1w3000008l3${String(place).padStart(8, '0')}`,
    uid: `clb4nj1w3000108l3${String(place).padStart(8, '0')}`,
    html: '<p>The supplier has confirmed the dates, see the attached list for what is still open.</p>'.repeat(2),
    text: 'The supplier has confirmed the dates, see the attached list for what is still open. '.repeat(2),
    category: 'TODO',
    createdAt: '2022-12-01T11:23:09.241Z',
    updatedAt: '2022-12-01T11:23:09.241Z',
    deletedAt: null,
    isRead: false,
    isSeen: true,
    userId: 'clb4nj1w3000208l3b1d7f1o2',
    todoId: payload.currentValue.id,
  });
  const each = Buffer.byteLength(JSON.stringify(comment(0))) + 1;
  const count = Math.max(0, Math.round((bytes - published.length) / each));
  payload.currentValue.comments = Array.from({ length: count }, (_, place) => comment(place));
  return Buffer.from(JSON.stringify(payload));
}
