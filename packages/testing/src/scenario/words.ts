/** The words of the simulated users; names and titles contain characters beyond ASCII. */
export const people = [
  ['Zoë', 'Müller'],
  ['Tomás', 'Ribeiro'],
  ['Amina', 'Okafor'],
  ['Jürgen', 'Løvås'],
  ['美咲', '田中'],
  ['Grace', "O'Neill"],
] as const;

export const verbs = ['Draft', 'Review', 'Send', 'Translate', 'Publish', 'Fix', 'Plan', 'Measure', 'Rewrite', 'Check'];

export const objects = [
  'the proposal',
  'the price list',
  'the “Über uns” page',
  'the onboarding e-mail',
  'the board deck 📊',
  'the contract with Ångström AB',
  'the release notes',
  '東京 launch plan',
  'the survey',
  'the travel budget (€)',
];

export const listTitles = ['Backlog', 'In progress', 'Waiting', 'Review', 'Done', 'Ideas', 'This week', 'Später'];

export const checklistTitles = ['Before sending', 'Acceptance', 'Rollout', 'Questions', 'Follow-up'];

export const tagTitles = ['Urgent', 'Customer', 'Internal', 'Blocked', 'Nice to have', 'Legal', 'Q1', 'Déjà vu'];

export const colors = ['#e5484d', '#f76b15', '#ffc53d', '#46a758', '#3e63dd', '#8e4ec6'];

export const comments = [
  'Looks good to me.',
  'Two typos on page 3.',
  'Can we move this to next week?',
  'Done, see the attached file 📎',
  'Waiting for the lawyer’s answer.',
  'Why <b>not</b> both? "Quotes" & ampersands \\ backslashes.',
  'Line one\nLine two\tand a tab',
  'Ça marche, merci !',
];
