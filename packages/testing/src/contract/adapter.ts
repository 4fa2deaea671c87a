import type { Receiver } from '@blue-webhooks/core';
import type { ContractAnswer, ContractRequest } from './send';

/** A receiver that is served by an adapter: at a URL, or by a function for platforms without HTTP. */
export type Served = {
  /** Closes it, with every connection. */
  close(): Promise<void>;
} & (
  | { readonly url: string }
  | {
      /** Sends one request through the adapter. */
      send(request: ContractRequest): Promise<ContractAnswer>;
    }
);

/** The adapter under test. */
export interface AdapterUnderTest {
  /** Serves a receiver through the adapter, with all methods routed to it. */
  serve(receiver: Receiver): Promise<Served>;
  /** The same behind middleware that has consumed and discarded the body; absent if the platform has no such middleware. */
  serveConsumed?(receiver: Receiver): Promise<Served>;
}

/** One requirement on every adapter. */
export interface ContractCase {
  readonly title: string;
  /** Whether it needs an adapter with a URL: it sends a body in chunks, slowly, or incompletely. */
  readonly needsHttp: boolean;
  /** Whether it needs `serveConsumed`. */
  readonly needsConsumed: boolean;
  /**
   * Ends within seconds, whatever the adapter does.
   * @throws AssertionError if the adapter breaks the requirement
   * @throws TypeError if the adapter lacks a function that the case needs
   */
  run(adapter: AdapterUnderTest): Promise<void>;
}
