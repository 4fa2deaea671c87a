import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { DashboardAuthorization, DashboardOptions } from '../../src/dashboard';
import { memoryStore } from '../../src/index';
import { eventually, inboxWith, moved, post, signed } from '../endpoint';
import { inboxToShow, listen, mounts, recordingDashboard } from './serve';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const required = Boolean(process.env.CI);

if (!executablePath && !required) {
  process.stderr.write(
    'The dashboard is not tested in a browser: Chromium is not installed (apt-get install chromium).\n',
  );
}

describe.skipIf(!executablePath && !required)('the dashboard in a browser', { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    if (!executablePath) throw new Error('CI needs chromium: apt-get install chromium.');
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => browser?.close());

  /** Opens a page that must not log an error, such as a violation of its policy. */
  async function visit(url: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1_200, height: 800 }, ...options });
    const complaints: string[] = [];
    onTestFinished(async () => {
      await context.close();
      expect(complaints).toEqual([]);
    });
    const page = await context.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  async function served(answer: DashboardAuthorization, options: Partial<DashboardOptions> = {}) {
    const shown = await inboxToShow();
    const dashboard = recordingDashboard(shown, { authorize: () => answer, ...options });
    const mount = mounts.Express as NonNullable<(typeof mounts)[string]>;
    return { ...shown, url: `${await listen(mount(dashboard, '/ops/blue'))}/ops/blue` };
  }

  /** Returns what axe finds wrong, as rule and place. */
  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe.source); // a script tag would violate the policy
    const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }

  const notice = (page: Page, text: string) => page.locator('#notice', { hasText: text }).waitFor();

  test('shows states, errors and changes, and replays, pauses and resumes', async () => {
    const { url, dead, done, inbox, audited } = await served({ role: 'act', who: 'ada' });
    const page = await visit(url);
    await page.locator('#state.live').waitFor();
    expect(await page.locator('#tile-dead strong').textContent()).toBe('1');
    expect(await page.locator('.sparkline figcaption').textContent()).toMatch(/: 2 deliveries, of which 1 failed/);
    await page.locator('#tile-dead').click();
    await page.waitForURL(/state=dead/);
    await page.locator('#list').getByText('The CRM answered 500.').click();
    await page.locator('article').getByText('Is no longer retried.').waitFor();
    await page.getByRole('link', { name: 'Show the body and what changed' }).click();
    const since = page.locator('section[aria-labelledby="since-previous"] tr', { hasText: 'title' }).first();
    await since.waitFor();
    expect(await since.locator('td').allTextContents()).toEqual(['First title', 'Second title']);
    expect(audited.map((one) => 'delivery' in one && one.delivery.id)).toEqual([dead, done]);

    await page.locator('summary', { hasText: 'Pause' }).click();
    await page.getByLabel('Reason').fill('the CRM is down');
    await page.getByRole('button', { name: 'Pause deliveries' }).click();
    await notice(page, 'Paused: All deliveries.');
    await page.locator('.paused', { hasText: 'the CRM is down' }).waitFor();
    expect(await inbox.paused()).toMatchObject([{ by: 'ada', reason: 'the CRM is down' }]);

    await page.getByRole('button', { name: 'Replay' }).click();
    await notice(page, 'The delivery runs again.');
    await page.locator('article').getByText('Waits for its first attempt').waitFor();
    expect(await since.isVisible()).toBe(true); // not loaded, and audited, a second time
    await page.locator('summary', { hasText: 'Mark as dead' }).click();
    await page.locator('#mark-dead').click();
    await notice(page, 'Marked as dead.');
    await page.getByRole('button', { name: 'Resume' }).click();
    await notice(page, 'Resumed: All deliveries.');
    await page.locator('.paused').waitFor({ state: 'detached' });
    expect(audited.map(({ type }) => type)).toEqual('view-body view-body pause replay mark-dead resume'.split(' '));
  });

  test('shows new deliveries and states without reloading, and keeps the focus', async () => {
    const { url, inbox } = await served('act');
    const page = await visit(url);
    await page.locator('#list a').first().focus();
    const focused = await page.evaluate(() => document.activeElement?.closest('li')?.id);
    const { id, ...delivery } = await signed(moved('record 2'));
    await post(inbox, delivery);
    await page.locator(`#row-${id}`).getByText('done').waitFor({ timeout: 15_000 });
    expect(await page.evaluate(() => document.activeElement?.closest('li')?.id)).toBe(focused);
    expect(await page.locator('#tile-done strong').textContent()).toBe('2');
  });

  test('shows that the server is gone, and that it is back', async () => {
    const { url } = await served('act');
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(url);
    let isUp = false;
    await page.route('**/*', (route) => (isUp ? route.continue() : route.fulfill({ status: 503, body: 'down' })));
    await page.locator('#state.lost').waitFor({ timeout: 15_000 });
    isUp = true;
    await page.locator('#state.live').waitFor({ timeout: 15_000 });
  });

  test('shows a visitor who may look neither bodies nor actions', async () => {
    const { url, dead } = await served('look');
    const page = await visit(`${url}?d=${dead}&body=1`);
    await page.getByText('Your role does not show bodies.').waitFor();
    expect(await page.locator('form[method="post"]').count()).toBe(0);
    expect(await page.content()).not.toContain('Second title');
  });

  test('works with links and forms, without actions, if JavaScript is disabled', async () => {
    const { url } = await served('act');
    const page = await visit(url, { javaScriptEnabled: false });
    await page.getByText('The CRM answered 500.').click();
    await page.getByRole('link', { name: 'Show the body and what changed' }).click();
    await page.getByText('Since the previous delivery of this entity').waitFor();
    await page.getByRole('searchbox', { name: 'Entity' }).fill('record 7');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('No deliveries match.').waitFor();
  });

  test('is usable with the keyboard alone', async () => {
    const { url, done, dead, inbox } = await served({ role: 'act', who: 'ada' });
    await inbox.pause({ reason: 'a test' });
    const page = await visit(url);
    const article = (id: string) => page.locator(`article[data-key="${id}"]`).waitFor();
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await press('j');
    await article(dead);
    await press('j');
    await article(done);
    await press('k');
    await article(dead);
    await press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'heading');
    await press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('replay');
    await press('Enter');
    await notice(page, 'The delivery runs again.');
    await page.waitForFunction(() => document.activeElement?.id === 'replay');
    await press('Escape');
    await page.locator('article').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.closest('li')?.id)).toBe(`row-${dead}`);
    await press('/');
    await page.keyboard.type('TODO_CREATED');
    await press('Enter');
    await page.waitForURL(/event=TODO_CREATED/);
    await page.getByText('No deliveries match.').waitFor();
  });

  test.each(['light', 'dark'] as const)('has no fault that axe finds, %s', async (colorScheme) => {
    const { url, inbox, dead } = await served({ role: 'act', who: 'ada' });
    await inbox.pause({ event: 'TODO_MOVED', reason: 'the CRM is down', by: 'ada' });
    await post(inbox, await signed(moved('record 3')));
    const page = await visit(url, { colorScheme });
    expect(await violations(page)).toEqual([]);
    await page.goto(`${url}?d=${dead}&body=1&state=dead`);
    await page.locator('summary', { hasText: 'Pause' }).click();
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 700 });
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  });

  test('renders hostile text without executing it', async () => {
    const evil = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    const { inbox } = inboxWith({ store: memoryStore(), retry: { maxAttempts: 1 } }, () => {
      throw new Error(evil);
    });
    await inbox.start();
    const payload = { event: evil, currentValue: { id: evil, title: evil }, previousValue: { id: evil, title: 'x' } };
    const { id, ...delivery } = await signed(payload);
    await post(inbox, delivery);
    await eventually(async () => (await inbox.stats()).dead === 1);
    await inbox.pause({ reason: evil, by: evil, event: evil });
    const dashboard = recordingDashboard(
      { inbox, audited: [], errors: [] },
      { authorize: () => ({ role: 'act', who: evil }) },
    );
    const mount = mounts.Hono as NonNullable<(typeof mounts)[string]>;
    const page = await visit(`${await listen(mount(dashboard, '/'))}/?d=${id}`);
    await page.getByRole('link', { name: 'Show the body and what changed' }).click();
    await page.locator('.changes').getByText('<script>').first().waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await notice(page, 'Resumed');
    expect(await page.title()).toBe('Inbox of Blue deliveries');
    expect(await page.locator('img').count()).toBe(0);
  });

  test('is not shown in a frame of another site, and its forms cannot be posted from there', async () => {
    const { url, inbox, audited } = await served('act');
    const other = await listen((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(
        `<iframe src="${url}"></iframe><form method="post" action="${url}"><input name="do" value="pause"><input name="reason" value="owned"></form>`,
      );
    });
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(other.replace('127.0.0.1', 'localhost'));
    expect(await page.frameLocator('iframe').locator('#list').count()).toBe(0);
    const status = await page
      .evaluate(async (address) => {
        const response = await fetch(address, {
          method: 'POST',
          headers: { 'x-fragment': '1' },
          body: 'do=pause&reason=x',
        });
        return response.status;
      }, url)
      .catch(() => 'blocked');
    expect(status).toBe('blocked');
    await page.evaluate(() => document.querySelector('form')?.submit());
    await page.getByText('Forbidden: cross-origin request.').waitFor();
    expect(await inbox.paused()).toEqual([]);
    expect(audited).toEqual([]);
  });
});
