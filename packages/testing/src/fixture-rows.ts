import { checklistRow } from './rows/checklist';
import { checklistItemRow, checklistItemUserRow } from './rows/checklist-item';
import { commentRow } from './rows/comment';
import { customFieldOptionRow, customFieldRow, todoCustomFieldRow } from './rows/custom-field';
import { listRow } from './rows/list';
import { listedRecordRow, type RecordColumns, recordRow, todoTagRow, todoUserRow } from './rows/record';
import { tagRow } from './rows/tag';
import { webhookRow } from './rows/webhook';
import { companyRow, projectRow, userRow } from './rows/workspace';

/** The times of the last and of the next change of the fixtures' rows. */
const createdAt = '2026-01-12T09:14:03.000Z';
const updatedAt = '2026-01-12T09:14:03.118Z';
export const changedAt = '2026-01-12T10:30:41.507Z';

const row = (id: string, uid: string) => ({ id, uid, createdAt, updatedAt });

const company = companyRow({
  ...row('clakt8jud0002vt64205yyj10', '400eb3f8238c486caf40957618be9662'),
  name: 'Rogue',
  slug: 'rogue',
});
const project = projectRow(
  { ...row('clakt90vu000bvt64hhffqleq', 'd7db469a8908496f8e5f5e68030fe4c8'), name: 'Launch', slug: 'launch' },
  company,
);

const user = userRow({
  ...row('claksl2ye0000vtas0h0ln71e', '0b1a7a8f3a5d4a6c9d6c0c0f5f0f5b11'),
  firstName: 'Zoë',
  lastName: 'Müller',
  email: 'zoe@example.com',
});

export const webhook = webhookRow({
  ...row('clm4n8qwx000008l0g4oxdqn7', '8f3a2c1e5b1d4c3e9b7a6d5c4b3a2f1e'),
  name: 'Testing webhook',
  url: 'https://example.com/webhooks/blue',
  status: 'HEALTHY',
  enabled: true,
  metadata: { events: [], projectIds: [] },
  createdById: user.id,
});

export const list = listRow(
  {
    ...row('clakt9v5t000kvt64f563l90l', 'df0e931e6e8f4fc2905ece9da167d2d3'),
    title: 'In progress',
    position: 131070,
    createdById: user.id,
  },
  project,
);

export const otherList = listRow(
  {
    ...row('claktadk3000nvt64w9q4h2zr', '2f4c9c55f6a8433a8e0d1d2f8a7b6c5d'),
    title: 'Done',
    position: 196605,
    createdById: user.id,
  },
  project,
);

export const tag = tagRow(
  { ...row('claktb2x9000qvt64n5e7r1ya', '7d9e2b1c4f6a4d0e8c3b5a7f9e1d2c4b'), title: 'Urgent', color: '#e5484d' },
  project,
);

const customFieldId = 'claktbt41000tvt64c8k2m6ws';
const optionColumns = { color: '#3e63dd', position: 65535 };
export const customField = customFieldRow(
  {
    ...row(customFieldId, '5a3e8d7c6b1f4e2d9a0c8b7f6e5d4c3b'),
    name: 'Priority Level',
    type: 'SELECT_SINGLE',
    position: 65535,
    description: null,
    currency: null,
    customFieldOptions: [
      customFieldOptionRow(
        { ...row('claktbt43000uvt64x1d9f3pb', 'c1d2e3f4a5b64c7d8e9f0a1b2c3d4e5f'), title: 'High', ...optionColumns },
        customFieldId,
      ),
    ],
  },
  project,
);

const recordColumns: RecordColumns = {
  ...row('clb4zna6x0000vt1swuwso25f', '11021cb836f34732b31e5ebd5dd5eb27'),
  title: 'Draft proposal',
  html: '<p>For the board, by Friday 📄</p>',
  text: 'For the board, by Friday 📄',
  position: '32767.5',
  archived: false,
  done: false,
  startedAt: null,
  duedAt: null,
  timezone: null,
  createdById: user.id,
};

export const record = recordRow(recordColumns, { todoCustomFields: [], todoUsers: [], todoTags: [] }, list);

export const todoUser = todoUserRow(
  row('clb50a1b20001vt1s2k4m6n8p', 'a1b2c3d4e5f64a7b8c9d0e1f2a3b4c5d'),
  record.id,
  user,
);

export const todoTag = todoTagRow(row('clb50a7c30002vt1s3l5n7p9r', 'b2c3d4e5f6a74b8c9d0e1f2a3b4c5d6e'), record.id, tag);

export const todoCustomField = todoCustomFieldRow(
  row('clb50ac4d0003vt1s4m6p8q0s', 'c3d4e5f6a7b84c9d0e1f2a3b4c5d6e7f'),
  record.id,
  customField,
  customField.customFieldOptions,
);

const listedRecord = listedRecordRow(recordColumns, list);

export const checklist = checklistRow(
  {
    ...row('clb50b5e40004vt1s5n7q9r1t', 'd4e5f6a7b8c94d0e1f2a3b4c5d6e7f8a'),
    title: 'Before sending',
    position: 65535,
  },
  listedRecord,
  user,
);

export const checklistItem = checklistItemRow(
  {
    ...row('clb50bdf50005vt1s6p8r0s2u', 'e5f6a7b8c9d04e1f2a3b4c5d6e7f8a9b'),
    title: 'Check the figures',
    position: 65535,
    done: false,
    startedAt: null,
    duedAt: null,
  },
  [],
  checklist,
  user,
);

export const checklistItemUser = checklistItemUserRow(
  row('clb50blg60006vt1s7q9s1t3v', 'f6a7b8c9d0e14f2a3b4c5d6e7f8a9b0c'),
  checklistItem.id,
  user,
);

export const comment = commentRow(
  {
    ...row('clb50cth70007vt1s8r0t2u4w', 'a7b8c9d0e1f24a3b4c5d6e7f8a9b0c1d'),
    html: '<p>Looks good, two typos on page 3.</p>',
    text: 'Looks good, two typos on page 3.',
  },
  listedRecord,
  user,
);
