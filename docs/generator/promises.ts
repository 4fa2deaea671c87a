import { promises } from '../promises';
import type { DocumentedPromise } from '../promises/documented-promise';

/** The page of the promises, by document. */
export function promisesPage(): string {
  const documents = [...new Set(promises.map(({ document }) => document))];
  return `# Promises

What the documentation promises, and the test that fails when a promise is broken. \`npm test\` checks that each sentence is still in its
document and each test in its file. \`npm run check:long -- promises\` breaks every rule, one after the other, and requires its test to fail.

${documents.map(section).join('\n')}`;
}

function section(document: string): string {
  const rows = promises.filter((promise) => promise.document === document).map(row);
  return `## ${document}

| promise | test |
| --- | --- |
${rows.join('\n')}
`;
}

const row = ({ says, file, test }: DocumentedPromise): string => `| ${cell(says)} | [${cell(test)}](../${file}) |`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/([[\]<>])/g, '\\$1');
