/**
 * Takes the README's pictures of the inspector, from `listen --demo`, and those of the dashboard, light and dark:
 * npx tsx docs/take-pictures.ts. Needs Chromium and an emoji font.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createReceiver } from '@blue-webhooks/core';
import { blueDashboard } from '@blue-webhooks/express';
import { createInbox, memoryStore } from '@blue-webhooks/inbox';
import { inboxDashboard } from '@blue-webhooks/inbox/dashboard';
import { fixtures, sampleSecret, scenario, signedRequest } from '@blue-webhooks/testing';
import express from 'express';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!executablePath) throw new Error('Chromium is not installed: apt-get install chromium.');

/** A page to take pictures of. */
interface Shown {
  readonly url: string;
  readonly stop: () => unknown;
}

/** Starts `listen --demo`; resolves to the inspector's URL. */
function startDemo(): Promise<Shown> {
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

const RECORD = fixtures.TODO_MOVED.currentValue.id;

/** Starts a dashboard over an inbox in memory: one handler fails for a record. */
async function startDashboard(): Promise<Shown> {
  const receiver = createReceiver({ secret: sampleSecret }).onAny((_event, { rawBody }) => {
    if (rawBody.includes(RECORD)) throw new Error('The CRM answered 503 Service Unavailable.');
  });
  const inbox = createInbox({ receiver, store: memoryStore(), pollMs: 50, retry: { maxAttempts: 1 } });
  await inbox.start();
  const steps = [...scenario({ seed: 3 })].slice(0, 40);
  const payloads = [...steps.map(({ payload }) => payload), fixtures.TODO_NAME_CHANGED, fixtures.TODO_MOVED];
  for (const payload of payloads) {
    await inbox.fetch(await signedRequest(payload, { secret: sampleSecret, url: 'http://localhost/webhooks/blue' }));
    await new Promise((later) => setTimeout(later, 120));
  }
  await inbox.pause({ event: 'COMMENT_CREATED', reason: 'the CRM is being migrated', by: 'Ada' });
  const dashboard = inboxDashboard(inbox, { authorize: () => ({ role: 'act', who: 'Ada' }) });
  const server = createServer(express().use(blueDashboard(dashboard)));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await inbox.stop();
  };
  return { url, stop };
}

/** Takes a picture in each theme, after the page was made ready. */
async function take(browser: Browser, name: string, url: string, prepare: (page: Page) => Promise<void>) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: { width: 1_200, height: 720 }, colorScheme });
    await page.goto(url);
    await prepare(page);
    await page.screenshot({ path: resolve(import.meta.dirname, `pictures/${name}-${colorScheme}.png`) });
    await page.close();
  }
}

async function takeInspector(browser: Browser): Promise<void> {
  const demo = await startDemo();
  try {
    const page = await browser.newPage();
    await page.goto(demo.url);
    await page.locator('#list li', { hasText: 'SIGNATURE_MISMATCH' }).first().waitFor({ timeout: 60_000 });
    await page.locator('#list li', { hasText: 'TODO_MOVED' }).first().waitFor({ timeout: 60_000 });
    await page.locator('#list li').nth(12).waitFor({ timeout: 60_000 }); // until the list is full
    await take(browser, 'inspector', demo.url, async (page) => {
      await page.locator('#list li', { hasText: 'TODO_MOVED' }).first().click();
      await page.locator('.changes tr').first().waitFor();
    });
  } finally {
    demo.stop();
  }
}

async function takeDashboard(browser: Browser): Promise<void> {
  const { url, stop } = await startDashboard();
  try {
    await take(browser, 'dashboard', url, async (page) => {
      await page.locator('#list li', { hasText: 'TODO_MOVED' }).first().click();
      await page.getByRole('link', { name: 'Show the body and what changed' }).click();
      await page.locator('.changes tr').first().waitFor();
    });
  } finally {
    await stop();
  }
}

const named = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  if (named.length === 0 || named.includes('inspector')) await takeInspector(browser);
  if (named.length === 0 || named.includes('dashboard')) await takeDashboard(browser);
} finally {
  await browser.close();
}
