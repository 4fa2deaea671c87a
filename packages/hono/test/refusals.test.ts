import { Hono } from 'hono';
import { describe } from 'vitest';
import { testRefusals } from './refusals';

describe('verifyBlueWebhook in the newest Hono', () => testRefusals(Hono));
