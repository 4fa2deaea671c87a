// Under `exactOptionalPropertyTypes` an option declared as `name?: string` refuses `process.env.NAME`. Every option of every
// exported function accepts `undefined`: this file compiles only if none of these modules refuses it.
import type * as api from '@blue-webhooks/api';
import type * as lambda from '@blue-webhooks/aws-lambda';
import type * as core from '@blue-webhooks/core';
import type * as adapter from '@blue-webhooks/core/adapter';
import type * as changes from '@blue-webhooks/core/changes';
import type * as cloudEvent from '@blue-webhooks/core/cloud-event';
import type * as otel from '@blue-webhooks/core/otel';
import type * as redisLedger from '@blue-webhooks/core/redis-ledger';
import type * as coreVerify from '@blue-webhooks/core/verify';
import type * as eventTokens from '@blue-webhooks/event-tokens';
import type * as express from '@blue-webhooks/express';
import type * as hono from '@blue-webhooks/hono';
import type * as inbox from '@blue-webhooks/inbox';
import type * as bullmqInbox from '@blue-webhooks/inbox/bullmq';
import type * as durableObjectInbox from '@blue-webhooks/inbox/durable-object';
import type * as postgresStore from '@blue-webhooks/inbox/postgres';
import type * as inboxTesting from '@blue-webhooks/inbox/testing';
import type * as queue from '@blue-webhooks/queue';
import type * as cloudflareQueue from '@blue-webhooks/queue/cloudflare';
import type * as sqsQueue from '@blue-webhooks/queue/sqs';
import type * as testing from '@blue-webhooks/testing';
import type { ApiOptions, ApiToken, SimulatedApi } from '@blue-webhooks/testing';

/** Objects that are data, clients or handlers, not options. */
type NotOptions =
  | readonly unknown[]
  | ((...args: never[]) => unknown)
  | ArrayBufferView
  | ArrayBuffer
  | Request
  | URL
  | Date
  | Error
  | { readonly event: string };

type OptionsIn<Parameter> = Parameter extends NotOptions
  ? never
  : string extends keyof Parameter // a row or a map
    ? never
    : Parameter extends object
      ? Parameter
      : never;

/** Names the optional properties that refuse `undefined`. */
type RefusedBy<Options> = Options extends unknown
  ? {
      [Name in keyof Options]-?: Record<never, never> extends Pick<Options, Name>
        ? [Exclude<Options[Name], undefined>] extends [never] // `name?: never`: refused by this member of a union only
          ? never
          : Record<Name, undefined> extends Pick<Options, Name>
            ? never
            : Name
        : never;
    }[keyof Options]
  : never;

/** Names the functions of a module that take an option which refuses `undefined`, and the option. */
type Refused<Module> = {
  [Name in keyof Module & string]: Module[Name] extends (...args: infer Parameters) => unknown
    ? RefusedBy<OptionsIn<Parameters[number]>> extends infer Option extends string
      ? `${Name}: ${Option}`
      : never
    : never;
}[keyof Module & string];

/** Compiles only without a name in it. */
type None<Names extends never> = Names;

export type Checked = [
  None<Refused<typeof api>>,
  None<Refused<Pick<typeof core, 'createReceiver' | 'verify' | 'safeVerify' | 'verifyRequest' | 'memoryLedger'>>>,
  None<Refused<typeof adapter>>,
  None<Refused<typeof changes>>,
  None<Refused<typeof cloudEvent>>,
  None<Refused<typeof coreVerify>>,
  None<Refused<typeof eventTokens>>,
  None<Refused<typeof express>>,
  None<Refused<typeof hono>>,
  None<Refused<typeof inbox>>,
  None<Refused<typeof bullmqInbox>>,
  None<Refused<typeof durableObjectInbox>>,
  None<Refused<typeof postgresStore>>,
  None<Refused<typeof inboxTesting>>,
  None<Refused<typeof queue>>,
  None<Refused<typeof cloudflareQueue>>,
  None<Refused<typeof sqsQueue>>,
  None<Refused<typeof redisLedger>>,
  None<Refused<typeof otel>>,
  None<Refused<typeof lambda>>,
  None<Refused<typeof testing>>,
  None<RefusedBy<ApiOptions>>,
  None<RefusedBy<ApiToken>>,
  None<RefusedBy<NonNullable<ApiOptions['faults']>>>,
  None<RefusedBy<Parameters<SimulatedApi['set']>[0]>>,
  None<RefusedBy<NonNullable<Parameters<SimulatedApi['listen']>[0]>>>,
  None<RefusedBy<NonNullable<inbox.InboxOptions['retry']>>>,
  None<Refused<inbox.Inbox>>,
  None<Refused<queue.QueueConsumer>>,
  None<Refused<core.Receiver>>,
  None<Refused<api.BlueClient>>,
];
