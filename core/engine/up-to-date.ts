import type { Handlers, Method } from '../bridge/contract.ts';

/** The same handlers, each called after `settle`: who asks gets what is known now, not what was told last. */
export function upToDate(settle: () => void, handlers: Handlers): Handlers {
  const wrapped = Object.entries(handlers).map(([method, handler]) => {
    const answer = handler as (request: unknown) => Promise<unknown>;
    return [
      method,
      async (request: unknown) => {
        settle();
        return answer(request);
      },
    ] as const;
  });
  return Object.fromEntries(wrapped) as Record<Method, (request: unknown) => Promise<unknown>> as Handlers;
}
