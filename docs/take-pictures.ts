/** Takes the README's pictures of the inspector, light and dark, from `listen --demo`: npx tsx docs/take-pictures.ts. Needs Chromium and an emoji font. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!executablePath) throw new Error('Chromium is not installed: apt-get install chromium.');

/** Starts `listen --demo`; resolves to the inspector's URL. */
function startDemo(): Promise<{ url: string; stop: () => void }> {
  const demo = spawn(process.execPath, [
    resolve(import.meta.dirname, '../packages/cli/dist/main.js'),
    ...['listen', '--demo', '--port', '0', '--inspect-port', '0'],
  ]);
  return new Promise((found, failed) => {
    let said = '';
    demo.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const url = /Inspector +(http:\S+)/.exec(said)?.[1];
      if (url) found({ url, stop: () => void demo.kill() });
    });
    demo.once('exit', () => failed(new Error(said)));
  });
}

async function take(browser: Browser, url: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1_200, height: 720 }, colorScheme });
  await page.goto(url);
  await page.locator('#list li', { hasText: 'TODO_MOVED' }).first().click();
  await page.locator('.changes tr').first().waitFor();
  await page.screenshot({ path: resolve(import.meta.dirname, `pictures/inspector-${colorScheme}.png`) });
  await page.close();
}

const demo = await startDemo();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  await page.goto(demo.url);
  await page.locator('#list li', { hasText: 'SIGNATURE_MISMATCH' }).first().waitFor({ timeout: 60_000 });
  await page.locator('#list li', { hasText: 'TODO_MOVED' }).first().waitFor({ timeout: 60_000 });
  await page.locator('#list li').nth(12).waitFor({ timeout: 60_000 }); // until the list is full
  for (const colorScheme of ['light', 'dark'] as const) await take(browser, demo.url, colorScheme);
} finally {
  await browser.close();
  demo.stop();
}
