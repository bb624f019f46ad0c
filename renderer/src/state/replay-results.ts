import type { FlowSummary } from '../../../core/model/flow.ts';

/** Replays that were answered alike. */
export interface ReplayGroup {
  readonly status: number | undefined;
  /** Bytes of the body as it passed. */
  readonly size: number;
  readonly error: string | undefined;
  readonly count: number;
  /** Milliseconds from the request to the end of the answer; null while none has ended. */
  readonly fastest: number | null;
  readonly median: number | null;
  readonly slowest: number | null;
  /** Answered as the recorded request was: same status, same size. */
  readonly asRecorded: boolean;
  /** One of them, to look at. */
  readonly example: string;
}

/** Gathers replays by what came back, the most frequent first. `recorded`: the answer that the request had then. */
export function groupReplays(
  recorded: { readonly status?: number | undefined; readonly size: number },
  flows: readonly FlowSummary[],
): ReplayGroup[] {
  const groups = new Map<string, FlowSummary[]>();
  for (const flow of flows) {
    const key = `${flow.status ?? ''} ${flow.responseBytes} ${flow.error ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), flow]);
  }
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .flatMap((alike) => {
      const [first] = alike;
      if (first === undefined) return [];
      const times = alike
        .flatMap(({ startedAt, endedAt }) => (endedAt === undefined ? [] : [endedAt - startedAt]))
        .sort((a, b) => a - b);
      return [
        {
          status: first.status,
          size: first.responseBytes,
          error: first.error,
          count: alike.length,
          fastest: times[0] ?? null,
          median: times[Math.floor(times.length / 2)] ?? null,
          slowest: times.at(-1) ?? null,
          asRecorded:
            first.error === undefined && first.status === recorded.status && first.responseBytes === recorded.size,
          example: first.id,
        },
      ];
    });
}
