import type { Processor, Queue, Worker, WorkerListener, WorkerOptions } from 'bullmq';
import type { Digests } from './digests';
import type { JobData } from './job';
import type { Loss } from './loss';

/** What is used of BullMQ's queue, whatever it keeps its jobs in. */
export type InboxQueue = Pick<
  Queue<JobData, void>,
  'add' | 'getJob' | 'getJobState' | 'getJobs' | 'getJobCounts' | 'remove' | 'clean'
>;

export interface InboxWorker extends Pick<Worker<JobData, void>, 'run' | 'pause' | 'close' | 'waitUntilReady'> {
  on<E extends keyof WorkerListener<JobData, void>>(event: E, listener: WorkerListener<JobData, void>[E]): unknown;
}

export type InboxWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix'>;

/** What an engine tells. */
export interface EngineHooks {
  onError(error: Error): void;
  /** The connection is lost: who answers next may be another, or the same with other settings. */
  onDisconnect(): void;
}

/** A queue, and what differs between Redis and PostgreSQL. */
export interface Engine {
  /**
   * Resolves when it can be used, which is when Redis or PostgreSQL answers.
   * @throws Error if it cannot be used
   */
  readonly ready: Promise<void>;
  readonly queue: InboxQueue;
  readonly digests: Digests;
  /** How what is acknowledged can be lost; `undefined` where it cannot. */
  loss(): Promise<Loss | undefined>;
  /** Whether it can never be used again. */
  readonly ended: boolean;
  /** Replaces connections on which nobody answers. */
  reconnect(): void;
  createWorker(processor: Processor<JobData, void>, options: InboxWorkerOptions): InboxWorker;
  /** Ends the connections; with `force` even those that nobody answers on. */
  close(force: boolean): Promise<void>;
}
