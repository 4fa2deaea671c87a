import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createProject, type Framework, frameworks } from '../src/create-project';

const home = mkdtempSync(join(tmpdir(), 'create-blue-webhook-'));
afterAll(() => rmSync(home, { recursive: true }));

const template = resolve(import.meta.dirname, '../template');
const create = (folder: string, framework: string) =>
  createProject({ folder: join(home, folder), framework: framework as Framework, template, version: '1.2.3' });
const filesOf = (folder: string) =>
  readdirSync(join(home, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(home, folder).length + 1))
    .sort();
const read = (...path: string[]) => readFileSync(join(home, ...path), 'utf8');

describe.each(frameworks)('a project on %s', (framework) => {
  const folder = `my-${framework}`;
  const other = framework === 'express' ? 'hono' : 'express';

  test('has the files of the template, with one app', () => {
    create(folder, framework);
    expect(filesOf(folder)).toEqual([
      '.dockerignore',
      '.gitignore',
      'Dockerfile',
      'README.md',
      'biome.json',
      'package.json',
      'src/app.ts',
      'src/handlers.ts',
      'src/inbox.ts',
      'src/main.ts',
      'test/app.test.ts',
      'test/handlers.test.ts',
      'tsconfig.json',
    ]);
    expect(read(folder, 'src/app.ts')).toContain(`from '@blue-webhooks/${framework}'`);
  });

  test("depends on its framework alone, and on this version's packages", () => {
    const { name, dependencies, devDependencies } = JSON.parse(read(folder, 'package.json'));
    expect(name).toBe(folder);
    const named = Object.keys({ ...dependencies, ...devDependencies });
    expect(named).toContain(framework);
    expect(named.filter((dependency) => dependency.includes(other))).toEqual([]);
    expect(dependencies[`@blue-webhooks/${framework}`]).toBe('^1.2.3');
    expect(devDependencies['@blue-webhooks/testing']).toBe('^1.2.3');
  });
});

describe('refuses, and writes nothing,', () => {
  test('a framework that it does not know', () => {
    expect(() => create('unknown', 'koa')).toThrow('Unknown framework: koa. Known are express and hono.');
    expect(readdirSync(home)).not.toContain('unknown');
  });

  test('a folder that contains files', () => {
    mkdirSync(join(home, 'full'));
    writeFileSync(join(home, 'full/notes.txt'), 'mine');
    expect(() => create('full', 'express')).toThrow('is not an empty folder');
    expect(filesOf('full')).toEqual(['notes.txt']);
  });

  test('a file in the place of the folder', () => {
    writeFileSync(join(home, 'file'), 'mine');
    expect(() => create('file', 'express')).toThrow('is not an empty folder');
  });

  test('a name that npm does not allow', () => {
    expect(() => create('My Receiver', 'express')).toThrow('must be a package name');
    expect(readdirSync(home)).not.toContain('My Receiver');
  });
});
