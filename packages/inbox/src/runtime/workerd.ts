/** What the inbox needs of workerd, the runtime of Cloudflare Workers, without a compatibility flag. */
import type * as node from './node';

export const { clearInterval, clearTimeout, setInterval, setTimeout } = globalThis;

/** Resolves after that many milliseconds, or rejects with the signal's reason. */
export const sleep = (ms: number, _?: undefined, { signal }: { signal?: AbortSignal } = {}): Promise<undefined> =>
  new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve(undefined);
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
  });

/** Lets other work have a turn. */
export const nextTurn = (): Promise<undefined> => sleep(0);

/** An object ends when Cloudflare evicts it, whatever its timers. */
export const unref = <T>(timer: T): T => timer;

type Process = { readonly getBuiltinModule?: (name: string) => Partial<typeof node> | undefined };

/** Present with the flag `nodejs_compat`. Without it, a Worker has no async context that a handler could see. */
const hooks = (globalThis as { process?: Process }).process?.getBuiltinModule?.('node:async_hooks');

type Context = Pick<node.AsyncResource, 'runInAsyncScope'>;

class WithoutContext implements Context {
  static bind<T>(run: T): T {
    return run;
  }

  runInAsyncScope<T>(run: () => T): T {
    return run();
  }
}

export const AsyncResource: Pick<typeof node.AsyncResource, 'bind'> & (new (type: string) => Context) =
  hooks?.AsyncResource ?? WithoutContext;
