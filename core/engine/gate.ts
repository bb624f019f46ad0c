import type { Handlers, Method } from '../bridge/contract.ts';

export interface GatePorts {
  /** Brings everything that was seen of the traffic into the state that handlers read. */
  readonly settle: () => void;
  /** Returns when what was changed in the workspace is saved; throws the reason when it cannot be. */
  readonly confirmSaved: () => void;
}

/** Methods whose answer says that something is saved in the workspace. Edits confirm it themselves, step by step. */
const SAVES: ReadonlySet<Method> = new Set<Method>([
  'settings.set',
  'session.overrule',
  'session.join',
  'record.layers',
  'stores.attach',
  'stores.detach',
  'proxy.record',
  'proxy.settings.set',
  'rules.add',
  'rule.enable',
  'rule.remove',
  'intercept.breakpoints.set',
  'import.har',
]);

/**
 * The one place that every call passes, whoever makes it. Reading waits for pending traffic here: the caller gets what is
 * known now, not what was gathered last. And nothing is acknowledged as saved that is not.
 */
export function gate(handlers: Handlers, { settle, confirmSaved }: GatePorts): Handlers {
  const gated = Object.entries(handlers).map(([method, handler]) => {
    const answer = handler as (request: unknown) => Promise<unknown>;
    return [
      method,
      async (request: unknown) => {
        settle();
        const reply = await answer(request);
        if (SAVES.has(method as Method)) confirmSaved();
        return reply;
      },
    ] as const;
  });
  return Object.fromEntries(gated) as Record<Method, (request: unknown) => Promise<unknown>> as Handlers;
}
