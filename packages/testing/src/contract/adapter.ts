import type { Receiver } from '@blue-webhooks/core';
import type { ContractAnswer, ContractRequest } from './send';

/** A receiver that now stands behind an adapter: at a URL, or for what has no HTTP of its own, behind a function. */
export type Served = {
  /** Ends it, with every connection. */
  close(): Promise<void>;
} & (
  | { readonly url: string }
  | {
      /** Takes one request through the adapter. */
      send(request: ContractRequest): Promise<ContractAnswer>;
    }
);

/** How the contract gets at an adapter. */
export interface AdapterUnderTest {
  /** Puts a receiver behind the adapter, all methods routed to it. */
  serve(receiver: Receiver): Promise<Served>;
  /** The same behind something that has consumed the body and kept nothing; absent where a platform has no such thing. */
  serveConsumed?(receiver: Receiver): Promise<Served>;
}

/** One promise that every adapter keeps. */
export interface ContractCase {
  readonly title: string;
  /** Whether it needs an adapter with a URL: it sends a body in pieces, slowly, or not to its end. */
  readonly needsHttp: boolean;
  /** Whether it needs `serveConsumed`. */
  readonly needsConsumed: boolean;
  /**
   * Ends within seconds, whatever the adapter does.
   * @throws AssertionError where the adapter breaks the promise
   * @throws TypeError where the adapter lacks what the case needs
   */
  run(adapter: AdapterUnderTest): Promise<void>;
}
