import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blueDashboard as expressDashboard } from '@blue-webhooks/express';
import { blueDashboard as honoDashboard } from '@blue-webhooks/hono';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import { type Dashboard, type DashboardAudit, type DashboardOptions, inboxDashboard } from '../../src/dashboard';
import { type Inbox, memoryStore } from '../../src/index';
import { eventually, inboxWith, moved, post, signed } from '../endpoint';

/** Listens on a free port of this machine until the test is over. Returns the origin. */
export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** How a dashboard is mounted in one line, under a path. */
export const mounts: Readonly<Record<string, (dashboard: Dashboard, path: string) => RequestListener>> = {
  Express: (dashboard, path) => express().use(path, expressDashboard(dashboard)),
  Hono: (dashboard, path) => getRequestListener(new Hono().all(path, honoDashboard(dashboard)).fetch),
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Sends a request with exactly these headers, which `fetch` would not allow. */
export function send(
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: Buffer.concat(chunks).toString(),
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Posts a form as the page's script does. */
export const act = (url: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> =>
  send(url, {
    method: 'POST',
    headers: { origin: new URL(url).origin, 'x-fragment': '1', 'content-type': 'text/plain', ...headers },
    body: String(new URLSearchParams(form)),
  });

/** An inbox with a done delivery and a dead letter of one record, and what its dashboard reports. */
export async function inboxToShow(): Promise<{
  readonly inbox: Inbox;
  readonly done: string;
  readonly dead: string;
  readonly audited: DashboardAudit[];
  readonly errors: unknown[];
  readonly handled: string[];
}> {
  const handled: string[] = [];
  const { inbox } = inboxWith({ store: memoryStore(), retry: { maxAttempts: 1 } }, ({ id, rawBody }) => {
    handled.push(id);
    if (rawBody.includes('poison')) throw new Error('The CRM answered 500.');
  });
  await inbox.start();
  const done = await signed(moved('record 1', { title: 'First title' }));
  const dead = await signed(moved('record 1', { title: 'Second title', text: 'poison' }));
  await post(inbox, done);
  await eventually(async () => (await inbox.stats()).done === 1);
  await new Promise((resolve) => setTimeout(resolve, 2)); // another millisecond
  await post(inbox, dead);
  await eventually(async () => (await inbox.stats()).dead === 1);
  return { inbox, done: done.id, dead: dead.id, audited: [], errors: [], handled };
}

/** A dashboard that records what it reports. */
export const recordingDashboard = (
  shown: Pick<Awaited<ReturnType<typeof inboxToShow>>, 'inbox' | 'audited' | 'errors'>,
  options: DashboardOptions,
): Dashboard =>
  inboxDashboard(shown.inbox, {
    onAudit: (audited) => shown.audited.push(audited),
    onError: (error) => shown.errors.push(error),
    ...options,
  });
