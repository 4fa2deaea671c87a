import { factsOf } from '../delivery';
import type { Inbox } from '../inbox';
import { newPause, requireScope } from '../pause-options';
import type { PauseScope } from '../pauses';
import { StoreError } from '../store-error';
import type { Visitor } from './access';
import type { Audit } from './audit';
import { scopeText } from './overview';

/** What an action answers: a status, and a sentence for the page. */
export interface Answer {
  readonly status: number;
  readonly notice: string;
}

type Action = (form: URLSearchParams, visitor: Visitor, audit: Audit) => Promise<Answer>;

/** Creates the function that carries out what the forms of the page post. Each action is audited first. */
export function createActions(inbox: Inbox): Action {
  const ofDelivery =
    (type: 'replay' | 'mark-dead', act: (id: string) => Promise<Answer>): Action =>
    async (form, _visitor, audit) => {
      const found = await inbox.get(form.get('id') ?? '');
      if (!found) return { status: 404, notice: 'Delivery not found.' };
      await audit({ type, delivery: factsOf(found) });
      return act(found.id);
    };

  const actions: Readonly<Record<string, Action>> = {
    replay: ofDelivery('replay', async (id) =>
      (await inbox.replay(id)) > 0
        ? ok('The delivery runs again.')
        : { status: 409, notice: 'Not replayed: it runs already, or waits behind another delivery.' },
    ),
    'mark-dead': ofDelivery('mark-dead', async (id) =>
      (await inbox.markDead(id)) ? ok('Marked as dead.') : { status: 409, notice: 'Not marked: it is finished.' },
    ),
    async pause(form, { who }, audit) {
      const scope = scopeOf(form);
      const options = { ...scope, reason: form.get('reason')?.trim() ?? '', by: who };
      const invalid = await invalidity(() => newPause(options));
      if (invalid) return invalid;
      await audit({ type: 'pause', scope, reason: options.reason });
      const refused = await invalidity(() => inbox.pause(options)); // BullMQ has no pause of one event
      return refused ?? ok(`Paused: ${scopeText(scope)}.`);
    },
    async resume(form, _visitor, audit) {
      const scope = scopeOf(form);
      const invalid = await invalidity(() => requireScope(scope));
      if (invalid) return invalid;
      await audit({ type: 'resume', scope });
      const what = scopeText(scope);
      return (await inbox.resume(scope)) ? ok(`Resumed: ${what}.`) : { status: 409, notice: `Not paused: ${what}.` };
    },
  };

  return async (form, visitor, audit) => {
    const name = form.get('do') ?? '';
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) return { status: 400, notice: 'Unknown action.' };
    try {
      return await action(form, visitor, audit);
    } catch (error) {
      if (StoreError.is(error) && error.code === 'READ_ONLY') {
        return { status: 409, notice: 'This inbox was opened to be read.' };
      }
      throw error;
    }
  };
}

/** Returns the answer to what is refused as invalid, `undefined` if it is not. */
async function invalidity(work: () => unknown): Promise<Answer | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { status: 400, notice: error.message };
  }
}

const ok = (notice: string): Answer => ({ status: 200, notice });

/** Returns what a form applies to. An empty field stands for everything. */
const scopeOf = (form: URLSearchParams): PauseScope => ({
  event: form.get('event')?.trim() || undefined,
  webhookId: form.get('webhookId')?.trim() || undefined,
});
