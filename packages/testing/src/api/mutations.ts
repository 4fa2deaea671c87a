import type { WebhookRow } from '../rows/webhook';
import { ApiError } from './codes';
import type { ApiContext } from './context';
import { webhookView } from './queries';
import type { CreateLine, WebhookChanges, WebhookLine } from './registry';
import type { View } from './views';

interface CreateInput {
  readonly url: string;
  readonly name?: string | null;
  readonly events?: readonly string[] | null;
  readonly projectIds?: readonly string[] | null;
}

interface UpdateInput extends Partial<CreateInput> {
  readonly webhookId: string;
  readonly enabled?: boolean | null;
}

/** Creates a new webhook: its identity, its secret, and its queue of deliveries. */
export interface WebhookMaker {
  readonly newId: () => string;
  readonly newSecret: () => string;
  readonly createLine: CreateLine;
}

/** The fields of `Mutation`. */
export function createMutations({ newId, newSecret, createLine }: WebhookMaker) {
  return {
    createWebhook({ input }: { input: CreateInput }, context: ApiContext): View {
      context.requireOrganization();
      const { webhooks, switches, userId } = context;
      const projectIds = input.projectIds ?? [];
      for (const id of projectIds) {
        if (!context.isMember(id)) throw new ApiError('FORBIDDEN', 'You are not authorized.');
      }
      const current = webhooks.enabled;
      const limit = switches.maxEnabledWebhooks;
      if (current >= limit) {
        const details = { kind: 'over_limit', resource: 'webhooks', current, limit };
        throw new ApiError('PLAN_LIMIT_REACHED', 'Plan limit reached.', details);
      }
      const url = requireUrl(input.url, context);
      const secret = newSecret();
      const line = deliverable(() =>
        createLine({
          id: newId(),
          secret,
          url,
          name: input.name ?? null,
          events: input.events ?? [],
          projectIds,
          createdById: userId,
        }),
      );
      webhooks.add(line);
      return { ...webhookView(line.webhook), secret };
    },

    async updateWebhook({ input }: { input: UpdateInput }, context: ApiContext): Promise<View> {
      const line = context.webhooks.own(input.webhookId, context.userId);
      const { name, events, projectIds, enabled } = input;
      const changes: WebhookChanges = {
        ...(name === undefined || name === null ? {} : { name }),
        ...(input.url ? { url: requireUrl(input.url, context) } : {}),
        ...(events ? { events } : {}),
        ...(projectIds ? { projectIds } : {}),
      };
      deliverable(() => line.configure(changes));
      return webhookView(await switched(line, enabled));
    },

    disableWebhook({ input }: { input: { webhookId: string } }, { webhooks }: ApiContext) {
      webhooks.any(input.webhookId).disable('UNHEALTHY');
      return { success: true, operationId: null };
    },

    deleteWebhook({ input }: { input: { webhookId: string } }, { webhooks, userId }: ApiContext) {
      webhooks.own(input.webhookId, userId);
      webhooks.delete(input.webhookId);
      return { success: true, operationId: null };
    },
  };
}

async function switched(line: WebhookLine, enabled: boolean | null | undefined): Promise<WebhookRow> {
  if (enabled === true) return line.enable();
  return enabled === false ? line.disable() : line.webhook;
}

function requireUrl(url: string, { switches }: ApiContext): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed) throw new ApiError('BAD_USER_INPUT', 'The URL is not valid.');
  const isPrivate = /^(?:(?:.+\.)?localhost|127\.|10\.|192\.168\.|\[::1\])/.test(parsed.hostname);
  if (!/^https?:$/.test(parsed.protocol) || (switches.refusePrivateUrls && isPrivate)) throw internal();
  return url;
}

/** The simulator delivers to this machine only; any other address looks like a refused one. */
function deliverable<T>(work: () => T): T {
  try {
    return work();
  } catch {
    throw internal();
  }
}

const internal = () => new ApiError('INTERNAL_SERVER_ERROR', 'Internal server error');
