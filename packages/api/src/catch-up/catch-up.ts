import { notify, requireFunctions } from '@blue-webhooks/core/adapter';
import type { BlueClient } from '../client';
import { documents } from '../documents';
import { BlueApiError } from '../errors';
import type { CurrentUserQuery } from '../operations';
import type { KnownStore } from './known';
import { memoryKnown } from './memory-known';
import { Reader } from './reader';
import { type Counts, Run } from './run';
import { StepReader } from './step-reader';
import { type BackfillTarget, requireTarget } from './target';
import { catchUpWorkspace } from './workspace';
import { readWorkspaces } from './workspaces';

/** What to read, and where events go. */
export interface CatchUpOptions {
  readonly client: BlueClient;
  /** From when on changes were missed. Defaults to the cursor that an earlier run has left in `known`. */
  readonly since?: Date | undefined;
  /** `report.cursor` of an earlier run; instead of `since`. */
  readonly cursor?: string | undefined;
  /** The ids of the workspaces, or `'all'` that the user is a member of. */
  readonly projects: readonly string[] | 'all';
  /** An inbox, a receiver, or a function. */
  readonly to: BackfillTarget;
  /**
   * The last known rows, by which differences become events. Defaults to none, so that only creations, comments, tags, fields and
   * the steps in a record's history have a name, and other changes are passed on as `UNKNOWN`.
   */
  readonly known?: KnownStore | undefined;
  /**
   * `'changed'` reads records whose `updatedAt` has moved; `'full'` reads all of them, and finds changes that do not move it:
   * Blue does not document which do. Defaults to `'changed'`.
   */
  readonly mode?: 'changed' | 'full' | undefined;
  /** How far before `since` reading begins, in milliseconds: rows are committed late. Defaults to 5 minutes. */
  readonly overlapMs?: number | undefined;
  /**
   * How many requests a run may spend on the single steps of changed records: a record that was moved twice has two events then,
   * and one without an earlier row has names for its changes. Each request reads 20 records. `0` reads none. Defaults to 20.
   */
  readonly stepRequests?: number | undefined;
  /** Reads and counts, but passes no events on and stores nothing. Defaults to `false`. */
  readonly dryRun?: boolean | undefined;
  /** Called when a phase of a workspace begins. */
  readonly onProgress?: ((progress: CatchUpProgress) => unknown) | undefined;
  /** Called with the error of a handler or the inbox. The next run passes the event on again. */
  readonly onFailure?: ((error: unknown) => unknown) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The progress of a run. */
export interface CatchUpProgress {
  readonly projectId: string;
  readonly phase: string;
  /** How many workspaces are done, and how many there are. */
  readonly done: number;
  readonly total: number;
  readonly requests: number;
}

/** The result of a run. */
export interface CatchUpReport extends Readonly<Counts> {
  /** Workspaces that cannot be read. Their cursor has not moved. */
  readonly unreachable: readonly string[];
  /** Workspaces that were not completely read or passed on, with the reasons. Their cursor has not moved. */
  readonly incomplete: readonly { readonly projectId: string; readonly reason: string }[];
  readonly requests: number;
  /** Where the next run continues. */
  readonly cursor: string;
  readonly generation: string;
}

const OVERLAP_MS = 300_000;
const STEP_REQUESTS = 20;

/**
 * Reads what has changed in Blue since a time, and passes it on as typed events, marked `delivery.signature === 'backfill'`.
 * Covers records, lists, tags, custom fields, checklists and comments on records. A run that was interrupted can be repeated:
 * what was passed on is stored in `known`.
 * @throws TypeError if an option is invalid
 * @throws BlueApiError if nothing can be read, such as for a wrong token
 */
export async function catchUp(options: CatchUpOptions): Promise<CatchUpReport> {
  const { client, known = memoryKnown(), mode = 'changed', overlapMs = OVERLAP_MS, dryRun = false } = options;
  const { stepRequests = STEP_REQUESTS } = options;
  const target = requireTarget(options.to);
  const signal = options.signal ?? new AbortController().signal;
  requireOptions(options);
  const startRequests = client.usage.requests;
  const requests = () => client.usage.requests - startRequests;
  const { data, date } = await client.request(documents.CurrentUser, {}, { signal });
  const userId = (data as unknown as CurrentUserQuery).currentUser.id;
  const startMs = date?.getTime() ?? client.clock.now();
  const features = await client.features();
  const reader = new Reader(client, features, signal);
  const steps = new StepReader(client, signal, features.history ? stepRequests : 0);
  const cursors = new Map(Object.entries(cursorOf(options.cursor)));
  const nameOf = (projectId: string) => `catch-up ${client.organizationId} ${projectId}`;
  const lastUser = await known.cursor('user');
  if (!dryRun) await known.setCursor('user', userId);

  const counts: Counts = {
    seen: 0,
    repaired: 0,
    deleted: 0,
    deletedUnresolved: 0,
    unknownKind: 0,
    restored: 0,
    failed: 0,
    steps: 0,
    stepsUnread: 0,
    foundByFullScan: 0,
  };
  const { found, unreachable } = await readWorkspaces(client, features, options.projects, signal);
  const incomplete: { projectId: string; reason: string }[] = [];
  for (const [done, projectId] of found.entries()) {
    const from = options.since?.toISOString() ?? cursors.get(projectId) ?? (await known.cursor(nameOf(projectId)));
    if (from === undefined) {
      incomplete.push({ projectId, reason: 'NO_CURSOR: pass `since`.' });
      continue;
    }
    const failedBefore = counts.failed;
    const run = new Run({
      known,
      target,
      dryRun,
      startMs,
      signal,
      counts,
      fromMs: Date.parse(from),
      sinceMs: Date.parse(from) - overlapMs,
      onFailure: (error) => notify(undefined, options.onFailure, error),
    });
    const onPhase = (phase: string) =>
      notify(undefined, options.onProgress, { projectId, phase, done, total: found.length, requests: requests() });
    const sameUser = lastUser === undefined || lastUser === userId;
    try {
      const full = mode === 'full';
      const complete = await catchUpWorkspace({ run, reader, steps, projectId, full, sameUser, onPhase });
      if (!complete) incomplete.push({ projectId, reason: 'ROWS_MISSING: the rows moved while they were read.' });
      else if (counts.failed > failedBefore) incomplete.push({ projectId, reason: 'HANDLER_FAILED: see `onFailure`.' });
      else {
        cursors.set(projectId, new Date(startMs).toISOString());
        if (!dryRun) await known.setCursor(nameOf(projectId), new Date(startMs).toISOString());
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!BlueApiError.is(error) || error.code === 'UNAUTHENTICATED') throw error;
      if (error.code === 'FORBIDDEN' || error.code === 'PROJECT_NOT_FOUND') unreachable.push(projectId);
      else incomplete.push({ projectId, reason: error.code });
    }
  }
  const cursor = JSON.stringify(Object.fromEntries(cursors));
  return { ...counts, unreachable, incomplete, requests: requests(), cursor, generation: features.generation };
}

function requireOptions(options: CatchUpOptions): void {
  const { client, since, cursor, projects, mode, stepRequests = STEP_REQUESTS, onFailure, onProgress } = options;
  requireFunctions({ onFailure, onProgress });
  if (typeof client?.request !== 'function') throw new TypeError('`client` must be a client: createBlueClient({ … }).');
  if (since !== undefined && !isDate(since)) {
    throw new TypeError('`since` must be a valid Date.');
  }
  if (since !== undefined && cursor !== undefined) throw new TypeError('Pass either `since` or `cursor`.');
  if (projects !== 'all' && !(Array.isArray(projects) && projects.every((id) => typeof id === 'string' && id !== ''))) {
    throw new TypeError("`projects` must be an array of workspace ids, or 'all'.");
  }
  if (mode !== undefined && mode !== 'changed' && mode !== 'full')
    throw new TypeError("`mode` must be 'changed' or 'full'.");
  if (!Number.isSafeInteger(stepRequests) || stepRequests < 0) {
    throw new TypeError('`stepRequests` must be 0 or a positive integer.');
  }
}

/** Not `instanceof`, which fails for a Date of another realm, such as a test environment's. */
const isDate = (value: unknown): boolean =>
  Object.prototype.toString.call(value) === '[object Date]' && Number.isFinite(Number(value));

function cursorOf(cursor: string | undefined): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(cursor ?? '{}');
    if (
      typeof value === 'object' &&
      value !== null &&
      Object.values(value).every((each) => Number.isFinite(Date.parse(each)))
    ) {
      return value as Readonly<Record<string, string>>;
    }
  } catch {
    // As below.
  }
  throw new TypeError('`cursor` must be the `cursor` of an earlier report.');
}
