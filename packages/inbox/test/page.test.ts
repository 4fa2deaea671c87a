import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assets, diffOf, html, printable, refusalOf } from '../src/page';
import { embeddedAssets, path } from '../tools/embed-assets';

test('embeds the assets as they are in assets/; run `npm run build` to update them', () => {
  expect(readFileSync(path, 'utf8')).toBe(embeddedAssets());
  expect(assets.script).toBe(readFileSync(new URL('../assets/page.js', import.meta.url), 'utf8'));
  expect(assets.styles).toBe(readFileSync(new URL('../assets/page.css', import.meta.url), 'utf8'));
});

describe('markup', () => {
  test('escapes every value, once, in text and in attributes', () => {
    const evil = `<b a='1' b="2">&amp;`;
    const escaped = '&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;amp;';
    expect(String(html`<a title="${evil}">${evil}${html`<i>${[evil, 1]}</i>`}</a>`)).toBe(
      `<a title="${escaped}">${escaped}<i>${escaped}1</i></a>`,
    );
  });

  test('renders nothing for missing values, and numbers as they are', () => {
    expect(String(html`<p>${undefined}${null}${false}${[]}${''}${0}</p>`)).toBe('<p>0</p>');
  });

  test('does not accept an object that looks like markup', () => {
    const forged = { toString: () => '<script>' } as unknown as string;
    expect(String(html`<p>${forged}</p>`)).toBe('<p>&lt;script&gt;</p>');
  });

  test('throws a TypeError for an attribute without quotes', () => {
    expect(() => html`<a href=${'x onclick=alert(1)'}>`).toThrow(TypeError);
  });
});

test('shows control characters, and characters that reorder text, as escapes', () => {
  expect(printable('a\u0000\u202eb\n')).toBe('a\\x00\\u{202e}b\\x0a');
});

describe('the guard', () => {
  const rules = { isOwnHost: (name: string) => name === 'localhost', originsOf: (host: string) => [`http://${host}`] };
  const refusal = (method: string, headers: Record<string, string>, url = 'http://localhost/') =>
    refusalOf({ method, url, headers: new Headers(headers) }, rules);

  test('takes the host from the URL if a platform has no header of it', () => {
    expect(refusal('GET', {})).toBeUndefined();
    expect(refusal('GET', {}, 'http://evil.example/')).toMatch(/unknown host/);
    expect(refusal('GET', { host: '' })).toMatch(/unknown host/);
  });

  test('accepts a post of its own origin only', () => {
    expect(refusal('POST', { host: 'localhost:1', origin: 'http://localhost:1' })).toBeUndefined();
    expect(refusal('POST', { host: 'localhost:1', origin: 'http://localhost:2' })).toMatch(/cross-origin/);
    expect(refusal('DELETE', { host: 'localhost:1' })).toMatch(/cross-origin/);
  });
});

describe('the diff', () => {
  test('matches the rows of a list by their id', () => {
    const tag = (id: string, title: string) => ({ id, tag: { id: `of ${id}`, title } });
    const before = { id: '1', title: 'A', todoTags: [tag('a', 'Urgent'), tag('b', 'Legal')], done: false };
    const after = { id: '1', title: 'B', todoTags: [tag('c', 'Later'), tag('b', 'Law')], done: false };
    expect(diffOf(before, after)).toEqual([
      { path: 'title', kind: 'changed', before: 'A', after: 'B' },
      { path: 'todoTags', kind: 'removed', before: 'Urgent', after: undefined },
      { path: 'todoTags[Legal].tag.title', kind: 'changed', before: 'Legal', after: 'Law' },
      { path: 'todoTags', kind: 'added', before: undefined, after: 'Later' },
    ]);
  });

  test('distinguishes missing from empty values', () => {
    expect(diffOf({ duedAt: null }, { duedAt: '2026' })).toEqual([
      { path: 'duedAt', kind: 'added', before: undefined, after: '2026' },
    ]);
    expect(diffOf({ a: 1 }, {})).toEqual([{ path: 'a', kind: 'removed', before: '1', after: undefined }]);
    expect(diffOf(null, { id: '1', title: 'T', text: '', tags: [] })).toMatchObject([
      { path: 'id' },
      { path: 'title' },
    ]);
    expect(diffOf({ id: '1' }, null)).toMatchObject([{ path: 'id', kind: 'removed', before: '1' }]);
    expect(diffOf(undefined, undefined)).toEqual([]);
  });

  test('handles deep and wide values, and fields named like methods', () => {
    const deep = (bottom: unknown) =>
      JSON.parse(`${'{"a":'.repeat(5_000)}${JSON.stringify(bottom)}${'}'.repeat(5_000)}`);
    expect(diffOf(deep(1), deep(2)).length).toBeLessThan(2);
    const wide = (offset: number) =>
      Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`f${at}`, at + offset]));
    expect(diffOf(wide(0), wide(1))).toHaveLength(300);
    expect(diffOf({}, JSON.parse('{"__proto__":1,"constructor":2}')).map(({ path }) => path)).toEqual([
      '__proto__',
      'constructor',
    ]);
  });
});
