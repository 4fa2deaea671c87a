import { expect, test } from 'vitest';
import { createReceiver, memoryLedger } from '../src/index';
import { redisLedger } from '../src/redis-ledger';

const secret = 'a secret';
const never = <T>(value: unknown) => value as T;

test.each(['onFailure', 'onOutcome', 'onDrift', 'waitUntil', 'deadLetter'])('%s must be a function', (name) => {
  for (const value of [true, false, null, 0, '', 'text', {}, [], Symbol('x')]) {
    const options = { secret, ledger: memoryLedger(), [name]: value };
    expect(() => createReceiver(options)).toThrow(TypeError);
    expect(() => createReceiver(options)).toThrow(`${name} must be a function`);
  }
  expect(() => createReceiver({ secret, ledger: memoryLedger(), [name]: undefined })).not.toThrow();
});

test.each([true, false, null, 0, '', 'text', {}, () => {}])('%o is a TypeError as a ledger', (ledger) => {
  expect(() => createReceiver({ secret, ledger: never(ledger) })).toThrow(TypeError);
  expect(() => createReceiver({ secret, ledger: never(ledger) })).toThrow(/ledger.*memoryLedger\(\)/);
});

test('each function of a ledger must be one', () => {
  for (const name of ['begin', 'renew', 'finish', 'fail', 'release', 'deadLetter']) {
    const ledger = { ...memoryLedger(), [name]: true };
    expect(() => createReceiver({ secret, ledger: never(ledger) })).toThrow(`ledger.${name} must be a function`);
  }
});

test.each([null, false, 0, '', 'w1', [], {}, ['']])('%o is a TypeError as projects', (projects) => {
  expect(() => createReceiver({ secret, projects: never(projects) })).toThrow('projects must name');
});

test('memoryLedger and redisLedger check their options', () => {
  for (const options of [null, true, 'text']) {
    expect(() => memoryLedger(never(options))).toThrow(TypeError);
    expect(() => redisLedger({ call: async () => [] }, never(options))).toThrow(TypeError);
  }
  for (const value of [true, null, 5, {}, () => 'p']) {
    expect(() => redisLedger({ call: async () => [] }, { prefix: never(value) })).toThrow('prefix must be a string');
  }
  for (const client of [{ call: true }, { sendCommand: 'x' }, null, true]) {
    expect(() => redisLedger(never(client))).toThrow(TypeError);
  }
});
