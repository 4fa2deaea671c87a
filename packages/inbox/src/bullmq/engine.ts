import type { Processor, Queue, Worker, WorkerListener, WorkerOptions } from 'bullmq';
import type { Digests } from './digests';
import type { JobData } from './job';
import type { Loss } from './loss';

/** The fields that BullMQ keeps for a queue. */
export interface QueueMeta {
  setQueueMeta(values: Record<string, string>): Promise<unknown>;
  getQueueMetaField(field: string): Promise<string | null>;
  removeQueueMetaFields(fields: string[]): Promise<unknown>;
}

/** The part of BullMQ's queue that is used, with Redis and PostgreSQL. */
export type InboxQueue = Pick<
  Queue<JobData, void>,
  'add' | 'getJob' | 'getJobState' | 'getJobs' | 'getJobCounts' | 'remove' | 'clean' | 'pause' | 'resume' | 'isPaused'
> & { getBackend(): QueueMeta };

export interface InboxWorker extends Pick<Worker<JobData, void>, 'run' | 'pause' | 'close' | 'waitUntilReady'> {
  on<E extends keyof WorkerListener<JobData, void>>(event: E, listener: WorkerListener<JobData, void>[E]): unknown;
}

export type InboxWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix'>;

/** The callbacks of an engine. */
export interface EngineHooks {
  onError(error: Error): void;
  /** The connection is lost: the next one may reach another server, or the same with other settings. */
  onDisconnect(): void;
}

/** A queue, with the differences between Redis and PostgreSQL. */
export interface Engine {
  /**
   * Resolves when it can be used, which is when Redis or PostgreSQL responds.
   * @throws Error if it cannot be used
   */
  readonly ready: Promise<void>;
  readonly queue: InboxQueue;
  readonly digests: Digests;
  /** Returns how acknowledged deliveries can be lost; `undefined` if they cannot. */
  loss(): Promise<Loss | undefined>;
  /** Deletes the events that BullMQ keeps of jobs, which contain the errors of failed attempts. */
  forgetEvents(): Promise<void>;
  /** Whether it can no longer be used. */
  readonly ended: boolean;
  /** Replaces connections that do not respond. */
  reconnect(): void;
  createWorker(processor: Processor<JobData, void>, options: InboxWorkerOptions): InboxWorker;
  /** Closes the connections; with `force` even those that do not respond. */
  close(force: boolean): Promise<void>;
}
