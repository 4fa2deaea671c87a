/** What the inbox needs of workerd, the runtime of Cloudflare Workers, without a compatibility flag. */
import type * as node from './node';

export const { clearInterval, clearTimeout, setInterval, setTimeout } = globalThis;

/** Resolves after that many milliseconds. */
export const sleep = (ms: number): Promise<undefined> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms);
  });

/** An object ends when Cloudflare evicts it, whatever its timers. */
export const unref = <T>(timer: T): T => timer;

type Process = { readonly getBuiltinModule?: (name: string) => Partial<typeof node> | undefined };

/** Present with the flag `nodejs_compat`. Without it, a Worker has no async context that a handler could see. */
const hooks = (globalThis as { process?: Process }).process?.getBuiltinModule?.('node:async_hooks');

export const AsyncResource: Pick<typeof node.AsyncResource, 'bind'> = hooks?.AsyncResource ?? { bind: (run) => run };
