import { inspect } from 'node:util';
import { expect, test, vi } from 'vitest';
import { DriverError } from '../src/adapter';

const secrets = ['Salary of Ada', 'hunter2', 'b4985c3d802c11f6ded9bc2bbf154b3052baa07229729684888790df4135c163'];
const [title, password, signature] = secrets;
const body = JSON.stringify({ event: 'TODO_CREATED', currentValue: { title } });

const driverErrors = {
  'ioredis: the failed command': Object.assign(new Error("READONLY You can't write against a read only replica."), {
    command: { name: 'evalsha', args: ['0', body] },
  }),
  'ioredis: the failed login': Object.assign(
    new Error('WRONGPASS invalid username-password pair or user is disabled.'),
    {
      command: { name: 'auth', args: [password] },
    },
  ),
  'Redis quotes the arguments': new Error(
    `ERR unknown command 'XY', with args beginning with: '${body}' '${signature}'`,
  ),
  'pg: the failing row': Object.assign(new Error('null value in column "x" violates not-null constraint'), {
    code: '23502',
    detail: `Failing row contains (1, ${body}).`,
  }),
  'a URL with credentials': new TypeError(`Invalid URL redis://user:${password}@localhost:6379 given`),
  'an authority with credentials': new Error(`connect to user:${password}@localhost failed`),
  'a URL inside a word': new Error(`failed url=https://hook.example/?token=${password} after 3 tries`),
  'a setting': new Error(`auth failed for user=app password=${password}`),
  'a setting after a colon': new Error(`auth failed (password:${password})`),
  'a setting in a URI query': new Error(`no pg_hba entry for host/db?password=${password}&ssl=on`),
  'a setting with spaces': new Error(`auth failed, password = ${password}, and secret: ${password}`),
  'a header': new Error(`refused with Authorization: Bearer ${password}`),
  'a setting named in a sentence': new Error(`the password is: ${password}`),
  'a setting in two words': new Error(`bad secret key : ${password} for app`),
  'a URL after a colon': new Error(`cannot reach hook:https://user:${password}/x`),
  'a signature': new Error(`no row for ${signature} found`),
  'nested causes': new Error('outer', {
    cause: new Error('inner', { cause: Object.assign(new Error('x'), { body }) }),
  }),
  'several errors': new AggregateError([Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), { body })], ''),
  'a string': `lost ${JSON.stringify(body)}`,
  'a hostile message': new Proxy(new Error(body), {
    get(target, key) {
      if (key === 'message') throw new Error(body);
      return Reflect.get(target, key);
    },
  }),
  'an object': { body },
  undefined: undefined,
};

test.each(Object.entries(driverErrors))('carries nothing of a body, a signature or a password: %s', (_, error) => {
  const copy = DriverError.from(error);
  const seen = inspect(copy, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + copy.stack + JSON.stringify(copy);
  for (const secret of secrets) expect(seen).not.toContain(secret);
});

test('keeps what helps: the kind, the code, the prose, the causes', () => {
  expect(DriverError.from(driverErrors['ioredis: the failed command']).message).toBe(
    "Error: READONLY You can't write against a read only replica.",
  );
  const row = DriverError.from(driverErrors['pg: the failing row']);
  expect([row.code, row.message]).toEqual(['23502', 'Error: null value in column …']);
  expect(DriverError.from(driverErrors['several errors']).cause).toMatchObject({
    message: 'Error: connect ECONNREFUSED 127.0.0.1:6379',
  });
});

test('returns its own kind as it is', () => {
  const copy = DriverError.from(new Error('x'));
  expect(DriverError.from(copy)).toBe(copy);
});

test('ends with causes that go round in a circle', () => {
  const error = new Error('a');
  error.cause = error;
  expect(DriverError.from(error).cause).toBeInstanceOf(DriverError);
});

test('returns that of another copy of the package as it is', async () => {
  vi.resetModules();
  const other = (await import('../src/driver-error')).DriverError;
  expect(other).not.toBe(DriverError);
  const copy = other.from(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }));
  expect(DriverError.from(copy)).toBe(copy);
  expect(DriverError.is(copy)).toBe(true);
  expect(DriverError.is(new Error('x'))).toBe(false);
  expect(DriverError.is(undefined)).toBe(false);
});
