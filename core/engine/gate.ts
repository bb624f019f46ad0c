import type { Handlers, Method } from '../bridge/contract.ts';

export interface GatePorts {
  /** Brings everything that was seen of the traffic into the state that handlers read. */
  readonly settle: () => void;
}

/**
 * The one place that every call passes, whoever makes it. Reading waits for pending traffic here: the caller gets what is
 * known now, not what was gathered last.
 */
export function gate(handlers: Handlers, { settle }: GatePorts): Handlers {
  const gated = Object.entries(handlers).map(([method, handler]) => {
    const answer = handler as (request: unknown) => Promise<unknown>;
    return [
      method,
      async (request: unknown) => {
        settle();
        return answer(request);
      },
    ] as const;
  });
  return Object.fromEntries(gated) as Record<Method, (request: unknown) => Promise<unknown>> as Handlers;
}
