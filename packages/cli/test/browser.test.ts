import { existsSync } from 'node:fs';
import { fixtures, scenario } from '@blue-webhooks/testing';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { deliver, listening, macOf } from './listening';
import { serveApp } from './serve';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const required = Boolean(process.env.CI);

if (!executablePath && !required) {
  process.stderr.write(
    'The inspector is not tested in a browser: Chromium is not installed (apt-get install chromium).\n',
  );
}

describe.skipIf(!executablePath && !required)('the inspector in a browser', { timeout: 60_000 }, () => {
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
    await page.locator('#state.live').waitFor();
    return page;
  }

  const rows = (page: Page) => page.locator('#list li');

  test('shows deliveries as they arrive, and the diff of the selected one', async () => {
    const { url, inspectorUrl } = await listening();
    const page = await visit(inspectorUrl);
    await page.getByText('No deliveries yet.').waitFor();
    await deliver(url, fixtures.TODO_MOVED);
    await rows(page).filter({ hasText: 'TODO_MOVED' }).click();
    const changed = page.locator('.changes tr', { hasText: 'todoList.title' });
    await changed.waitFor();
    expect(await changed.locator('td').allTextContents()).toEqual(['In progress', 'Done']);
    expect(new URL(page.url()).searchParams.get('d')).toBe('1');

    await deliver(url, fixtures.TODO_MOVED);
    await rows(page).getByText('×2').waitFor();
    await page.getByText('Received 2 times').waitFor();
    await deliver(url, fixtures.TAG_CREATED, { 'x-signature': macOf('forged') });
    await rows(page).first().getByText('SIGNATURE_MISMATCH').waitFor();
    expect(await page.locator('#counts').textContent()).toBe('2 deliveries, 1 refused');
    expect(await page.screenshot()).toBeInstanceOf(Buffer);
  });

  test('replays to a local app with the original bytes and headers', async () => {
    const app = await serveApp((_one, place) => (place === 0 ? 503 : 204));
    const { url, inspectorUrl } = await listening();
    const body = '{"event": "TAG_CREATED", "currentValue": {"id": "1", "title": "é"}}\n';
    await deliver(url, body);
    const page = await visit(`${inspectorUrl}/?d=1`);
    await page.getByLabel('Replay to').fill(app.url);
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.locator('.notice', { hasText: 'response 503, which is a failure' }).waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.locator('.notice', { hasText: 'response 204.' }).waitFor();
    expect(app.arrived.map((one) => String(one.body))).toEqual([body, body]);
    expect(app.arrived[0]?.headers['x-signature']).toBe(macOf(body));
    await rows(page).getByText('app 204 ×2').waitFor();
  });

  test('works with links and forms if JavaScript is disabled', async () => {
    const app = await serveApp();
    const { url, inspectorUrl } = await listening();
    await deliver(url, fixtures.TODO_MOVED);
    const context = await browser.newContext({ javaScriptEnabled: false });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(inspectorUrl);
    await page.getByRole('link', { name: 'TODO_MOVED' }).click();
    await page.getByText('What changed').waitFor();
    await page.getByLabel('Replay to').fill(app.url);
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.locator('.notice', { hasText: 'response 204' }).waitFor();
    expect(app.arrived).toHaveLength(1);
  });

  test('is usable with the keyboard alone', async () => {
    const { url, inspectorUrl } = await listening();
    await deliver(url, fixtures.TODO_MOVED);
    await deliver(url, fixtures.TAG_CREATED);
    const page = await visit(inspectorUrl);
    const heading = (name: string) => page.locator('article h2', { hasText: name }).waitFor();
    await page.keyboard.press('j');
    await heading('TAG_CREATED');
    await page.keyboard.press('j');
    await heading('TODO_MOVED');
    await page.keyboard.press('k');
    await heading('TAG_CREATED');
    await page.keyboard.press('Escape');
    await page.locator('article').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('draft');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=draft/);
    expect(await rows(page).count()).toBe(1);
  });

  test('copies a delivery as curl and as a fixture', async () => {
    const { url, inspectorUrl } = await listening();
    await deliver(url, fixtures.TODO_MOVED);
    const permissions = ['clipboard-read', 'clipboard-write'];
    const page = await visit(`${inspectorUrl}/?d=1`, { permissions });
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole('link', { name: 'Copy as fixture' }).click();
    await page.getByText('Copied').waitFor();
    expect(JSON.parse(await clipboard())).toEqual(fixtures.TODO_MOVED);
    await page.getByRole('link', { name: 'Copy as curl' }).click();
    await page.locator('[data-copy="curl"]', { hasText: 'Copied' }).waitFor();
    expect(await clipboard()).toContain(`-H 'x-signature: ${macOf(JSON.stringify(fixtures.TODO_MOVED))}'`);
  });

  test('renders hostile text without executing it', async () => {
    const { url, inspectorUrl } = await listening();
    const evil = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    const page = await visit(inspectorUrl);
    await deliver(url, { event: evil, previousValue: { id: '1', title: 'x' }, currentValue: { id: '1', title: evil } });
    await rows(page).first().click();
    await page.locator('.changes').getByText('<script>').waitFor();
    expect(await page.title()).toBe('Deliveries from Blue');
    expect(await page.locator('img').count()).toBe(0);
  });

  test.each(['light', 'dark'] as const)('has no fault that axe finds, %s', async (colorScheme) => {
    const { url, inspectorUrl } = await listening();
    await deliver(url, { ...fixtures.TODO_MOVED, currentValue: { ...fixtures.TODO_MOVED.currentValue, done: 'yes' } });
    await deliver(url, fixtures.TAG_CREATED, { 'x-signature': macOf('forged') });
    for (const path of ['/', '/?d=1', '/?d=2', '/?q=nothing']) {
      const page = await visit(inspectorUrl + path, { colorScheme });
      await page.evaluate(axe.source); // a script tag would violate the policy
      const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
      expect(found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
    }
  });

  test('follows the dark theme, and shows one pane without horizontal scrolling on a phone', async () => {
    const { url, inspectorUrl } = await listening();
    await deliver(url, fixtures.TODO_NAME_CHANGED);
    const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await background(await visit(inspectorUrl, { colorScheme: 'light' }))).toBe('rgb(255, 255, 255)');
    const phone = await visit(inspectorUrl, { colorScheme: 'dark', viewport: { width: 360, height: 700 } });
    expect(await background(phone)).not.toBe('rgb(255, 255, 255)');
    const sideways = () => phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await sideways()).toBe(0);
    await rows(phone).first().click();
    await phone.getByText('What changed').waitFor();
    expect(await phone.locator('nav').isVisible()).toBe(false);
    expect(await sideways()).toBe(0);
    await phone.getByText('Back to the list').click();
    expect(await phone.locator('nav').isVisible()).toBe(true);
  });

  test('pages and searches ten thousand deliveries', async () => {
    const { url, inspectorUrl, journal } = await listening();
    const [step] = scenario({ seed: 3 });
    for (let place = 0; place < 10_000; place++) {
      journal.arrived({
        receivedAtMs: Date.now(),
        path: '/',
        headers: [],
        status: 204,
        code: undefined,
        durationMs: 1,
        drift: [],
        deliveryId: String(place),
        body: Buffer.from(JSON.stringify({ ...step?.payload, place: `number ${place}` })),
      });
    }
    const page = await visit(inspectorUrl);
    expect(await page.locator('#counts').textContent()).toBe('10,000 deliveries, 0 refused');
    expect(await rows(page).count()).toBe(100);
    await deliver(url, fixtures.TODO_MOVED);
    await rows(page).first().getByText('TODO_MOVED').waitFor();
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('link', { name: 'Newest' }).waitFor();
    await page.getByLabel('Search').fill('number 17"');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=number/);
    await page.locator('#state.live').waitFor();
    expect(await rows(page).count()).toBe(1);
  });
});
