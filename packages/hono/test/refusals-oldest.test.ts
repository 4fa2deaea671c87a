import type { Hono } from 'hono';
import { Hono as OldestHono } from 'hono-oldest';
import { describe, vi } from 'vitest';
import { testRefusals } from './refusals';

// Whoever installs the oldest Hono has no other: this Hono knows its own exceptions only.
vi.mock('hono/http-exception', () => import('hono-oldest/http-exception'));

describe('verifyBlueWebhook in the oldest Hono', () => testRefusals(OldestHono as unknown as typeof Hono));
