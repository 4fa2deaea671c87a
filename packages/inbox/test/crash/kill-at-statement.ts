import Libsql from 'libsql';
import pg from 'pg';

let left = Number.POSITIVE_INFINITY;

/** Kills this process with SIGKILL at the statement with that number, from now: half of them before it runs, half after it has. */
export function killAtStatement(number: number): void {
  left = number * 2;
}

/** Called before and after each statement. */
function step(): void {
  left -= 1;
  if (left <= 0) process.kill(process.pid, 'SIGKILL');
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a driver takes
type Run = (...args: any[]) => any;

const around = (run: Run): Run =>
  function (this: unknown, ...args) {
    step();
    const result = run.apply(this, args);
    step();
    return result;
  };

interface Driver {
  exec: Run;
  prepare: Run;
}

function watch(driver: Driver): void {
  const { exec, prepare } = driver;
  driver.exec = around(exec);
  driver.prepare = function (this: unknown, ...args) {
    const statement = prepare.apply(this, args);
    for (const name of ['run', 'all'] as const) statement[name] = around(statement[name].bind(statement));
    return statement;
  };
}

watch(Libsql.prototype as unknown as Driver);
const builtin = process.getBuiltinModule?.('node:sqlite' as 'node:fs') as
  | { DatabaseSync?: { prototype: Driver } }
  | undefined;
if (builtin?.DatabaseSync) watch(builtin.DatabaseSync.prototype);

const client = pg.Client.prototype as unknown as { query: Run };
const { query } = client;
client.query = function (this: unknown, ...args) {
  step();
  const callback = args.at(-1);
  if (typeof callback === 'function') {
    const after: Run = (...results) => {
      step();
      callback(...results);
    };
    return query.apply(this, [...args.slice(0, -1), after]);
  }
  const result = query.apply(this, args);
  result?.then?.(step, step);
  return result;
};
