/** A Worker that runs one case of a contract in an object of its own: `/store/3`, `/inbox/12`. The contract needs Node's modules. */
import {
  type DurableObjectInbox,
  type DurableObjectState,
  durableObjectInbox,
  durableObjectStore,
} from '../../src/durable-object';
import { type InboxCase, inboxContract, type StoreCase, storeContract } from '../../src/store-contract';

interface Env {
  readonly CASES: { getByName(name: string): { fetch(request: Request): Promise<Response> } };
}

export class ContractCases {
  readonly #state: DurableObjectState;
  readonly #inboxes: DurableObjectInbox[] = [];

  constructor(state: DurableObjectState) {
    this.#state = state;
  }

  /** Runs a case. Answers `passed`, or what it threw. */
  async fetch(request: Request): Promise<Response> {
    const [, contract, place] = new URL(request.url).pathname.split('/');
    try {
      await (contract === 'store' ? this.#runStoreCase(Number(place)) : this.#runInboxCase(Number(place)));
      return new Response('passed');
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error));
    } finally {
      for (const inbox of this.#inboxes) await inbox.stop({ timeoutMs: 0 });
    }
  }

  async alarm(): Promise<void> {
    await Promise.all(this.#inboxes.map((inbox) => inbox.alarm()));
  }

  #runStoreCase(place: number): Promise<void> {
    return (storeContract[place] as StoreCase).run({ open: () => durableObjectStore(this.#state) });
  }

  #runInboxCase(place: number): Promise<void> {
    return (inboxContract[place] as InboxCase).run({
      create: async (options) => {
        const inbox = durableObjectInbox({ ...options, state: this.#state, pollMs: 20 });
        await inbox.stop(); // the contract starts it, as any other inbox
        this.#inboxes.push(inbox);
        return inbox;
      },
    });
  }
}

export default {
  fetch: (request: Request, { CASES }: Env): Promise<Response> =>
    CASES.getByName(new URL(request.url).pathname).fetch(request),
};
