import type { DeliveryHandler } from '@blue-webhooks/core';
import { adapterContract } from '@blue-webhooks/testing/adapter-contract';
import express from 'express';
import express4 from 'express4';
import { describe, test } from 'vitest';
import { blueWebhook, type NodeRequest } from '../src/index';
import { listen } from './serve';

const hosts = {
  'Express 5': (handler: DeliveryHandler) => express().all('/webhooks/blue', blueWebhook(handler)),
  'Express 4': (handler: DeliveryHandler) => express4().all('/webhooks/blue', blueWebhook(handler)),
  'node:http without Express': (handler: DeliveryHandler) => {
    const middleware = blueWebhook(handler);
    return (req: NodeRequest, res: Parameters<typeof middleware>[1]) => {
      middleware(req, res, () => res.writeHead(500).end());
    };
  },
};

describe.each(Object.entries(hosts))('the adapter contract on %s', (_name, host) => {
  const serve = (handler: DeliveryHandler) => listen(host(handler));
  test.each(adapterContract)('$title', ({ run }) => run({ serve }));
});
