import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blueWebhook as lambdaWebhook } from '@blue-webhooks/aws-lambda';
import { createReceiver, type Delivery, type Outcome, type Receiver } from '@blue-webhooks/core';
import { blueWebhook as expressWebhook } from '@blue-webhooks/express';
import { blueWebhook as honoWebhook } from '@blue-webhooks/hono';
import { sampleSecret } from '@blue-webhooks/testing';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';

/** A receiver that listens on this machine. */
export interface RunningReceiver {
  readonly name: string;
  readonly url: string;
  close(): Promise<void>;
}

const path = '/webhooks/blue';

/** The same receiver on four platforms, each with its own server. */
const platforms: Record<string, (receiver: Receiver) => RequestListener> = {
  Express: (receiver) => express().all(path, expressWebhook(receiver)),
  Hono: (receiver) => getRequestListener(new Hono().all(path, honoWebhook(receiver)).fetch),
  Fetch: (receiver) => getRequestListener(receiver.fetch),
  Lambda: behindFunctionUrl,
};

/** Starts all four on consecutive ports from `firstPort`, or on free ports if those are taken or none is given. */
export function startReceivers(
  firstPort: number | undefined,
  handled: (receiver: string, delivery: Delivery) => void,
  answered?: (receiver: string, outcome: Outcome) => void,
) {
  return Promise.all(
    Object.entries(platforms).map(async ([name, listener], place): Promise<RunningReceiver> => {
      const record = (_event: unknown, delivery: Delivery) => handled(name, delivery);
      const receiver = createReceiver({
        secret: sampleSecret,
        onOutcome: (outcome) => answered?.(name, outcome),
      }).onAny(record);
      return { name, ...(await listen(listener(receiver), firstPort === undefined ? 0 : firstPort + place)) };
    }),
  );
}

async function listen(listener: RequestListener, port: number) {
  const server = createServer(listener);
  const listening = (on: number) =>
    new Promise<void>((resolve, reject) => server.once('error', reject).listen(on, '127.0.0.1', resolve));
  await listening(port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return listening(0);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Acts as a Function URL: converts the request to an event with a base64 body, and the result to a response. */
function behindFunctionUrl(receiver: Receiver): RequestListener {
  const handler = lambdaWebhook(receiver);
  return async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const { method = '', url: rawPath = '' } = req;
    const event = {
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString: '',
      headers: Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)])),
      requestContext: { http: { method, path: rawPath, protocol: 'HTTP/1.1' }, stage: '$default' },
      body: Buffer.concat(chunks).toString('base64'),
      isBase64Encoded: true,
    };
    const { statusCode, headers, body } = await handler(event);
    res.writeHead(statusCode, headers).end(body);
  };
}
