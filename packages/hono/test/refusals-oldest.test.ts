import type { Hono } from 'hono';
import { Hono as OldestHono } from 'hono-oldest';
import { describe, vi } from 'vitest';
import { testRefusals } from './refusals';

// With the oldest Hono only one copy is installed: this Hono recognises only its own exceptions.
vi.mock('hono/http-exception', () => import('hono-oldest/http-exception'));

describe('verifyBlueWebhook in the oldest Hono', () => testRefusals(OldestHono as unknown as typeof Hono));
