// Every subpath of the packages, compiled with every TypeScript and every resolution.
import { createReceiver } from '@blue-webhooks/core';
import { toOutcome } from '@blue-webhooks/core/adapter';
import { changes } from '@blue-webhooks/core/changes';
import { toCloudEvent } from '@blue-webhooks/core/cloud-event';
import type { Todo } from '@blue-webhooks/core/entities';
import { traceDeliveries } from '@blue-webhooks/core/otel';
import { redisLedger } from '@blue-webhooks/core/redis-ledger';
import { eventSchemas } from '@blue-webhooks/core/schemas';
import { sign, verifySignature } from '@blue-webhooks/core/verify';
import { bullmqInbox } from '@blue-webhooks/inbox/bullmq';
import { inboxDashboard } from '@blue-webhooks/inbox/dashboard';
import { durableObjectInbox } from '@blue-webhooks/inbox/durable-object';
import { html } from '@blue-webhooks/inbox/page';
import { postgresStore } from '@blue-webhooks/inbox/postgres';
import { storeContract } from '@blue-webhooks/inbox/store-contract';
import { testInbox } from '@blue-webhooks/inbox/testing';
import { adapterContract } from '@blue-webhooks/testing/adapter-contract';
import { ledgerContract } from '@blue-webhooks/testing/ledger-contract';

export const functions = [
  createReceiver,
  toOutcome,
  changes,
  toCloudEvent,
  traceDeliveries,
  redisLedger,
  sign,
  verifySignature,
  bullmqInbox,
  inboxDashboard,
  durableObjectInbox,
  html,
  postgresStore,
  testInbox,
];
export const titleOf = ({ title }: Todo): string => title;
export const parsed = eventSchemas.TODO_MOVED.safeParse({});
export const titles: readonly string[] = [...storeContract, ...adapterContract, ...ledgerContract].map(
  ({ title }) => title,
);
