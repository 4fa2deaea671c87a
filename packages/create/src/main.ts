#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createProject, type Framework, frameworks } from './create-project';

const usage = `usage: npm create blue-webhook FOLDER -- [--framework ${frameworks.join('|')}]

Creates a project that receives Blue's webhooks: Express (the default) or Hono, an inbox on SQLite,
tests, and a Dockerfile.
`;

const own = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

function main(args: string[]): void {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { framework: { type: 'string', default: 'express' }, help: { type: 'boolean', short: 'h' } },
  });
  const [folder, ...others] = positionals;
  if (values.help) return void process.stdout.write(usage);
  if (folder === undefined || others.length > 0) throw new TypeError('Name one folder for the project.');
  const { version } = JSON.parse(readFileSync(own('package.json'), 'utf8')) as { version: string };
  createProject({ folder, framework: values.framework as Framework, template: own('template'), version });
  process.stdout.write(`Created ${folder}. Next:

  cd ${folder}
  npm install
  npm test
  BLUE_WEBHOOK_SECRET=... npm start
`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 1;
}
