import { readFileSync } from 'node:fs';
import { UnrecoverableError } from '@blue-webhooks/core';
import { connect } from 'amqplib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { moved, post, receiverWith, signed } from './deliveries';
import { onRabbitMq } from './recipes/rabbitmq';
import { hasRabbitMq, rabbitMqMissing, startRabbitMq } from './services/rabbitmq';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the README shows the recipe for RabbitMQ as it is tested', () => {
  expect(read('../README.md')).toContain(read('recipes/rabbitmq.ts').trim());
});

describe.skipIf(!hasRabbitMq)(`the recipe for RabbitMQ${rabbitMqMissing}`, () => {
  test('handles deliveries, retries those that fail, stores dead ones, and answers 503 when RabbitMQ is gone', async () => {
    const url = await startRabbitMq();
    const handled: string[] = [];
    let isBroken = true;
    const receiver = receiverWith(({ rawBody, attempt }) => {
      const { id } = JSON.parse(rawBody).currentValue;
      if (id === 'never') throw new UnrecoverableError('no such record');
      if (id === 'later' && isBroken) {
        isBroken = false;
        throw new Error('the CRM is down');
      }
      handled.push(`${id} ${attempt}`);
    });
    const connection = await connect(url);
    const retry = { firstDelayMs: 200, jitter: 0 };
    const producer = await onRabbitMq(await connection.createConfirmChannel(), receiver, { retry });
    onTestFinished(() => connection.close().catch(() => {}));
    for (const id of ['now', 'later', 'never']) expect(await post(producer, await signed(moved(id)))).toBe(204);
    await expect.poll(() => handled, { timeout: 10_000 }).toEqual(['now 1', 'later 2']);
    const channel = await connection.createChannel();
    const letter = await channel.get('blue-dead', { noAck: true });
    expect(letter && JSON.parse(JSON.parse(`${letter.content}`).rawBody).currentValue.id).toBe('never');
    expect([await channel.checkQueue('blue'), await channel.checkQueue('blue-retries')]).toMatchObject([
      { messageCount: 0 },
      { messageCount: 0 },
    ]);
    await connection.close();
    expect(await post(producer, await signed())).toBe(503);
  }, 90_000);
});
