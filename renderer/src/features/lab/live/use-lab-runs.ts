import { useEffect, useState } from 'react';
import type { EventOf, ReplyOf } from '../../../../../core/bridge/contract.ts';
import type { ExperimentMeta, LabRun } from '../../../../../core/model/lab.ts';
import type { Problem } from '../../../../../core/model/problem.ts';
import { problemOf, useApp } from '../../../state/app.ts';
import { Snapshot } from '../../../state/snapshot.ts';

export interface LabRuns {
  /** Null until the engine has answered. */
  readonly catalog: readonly ExperimentMeta[] | null;
  /** Newest first. */
  readonly runs: readonly LabRun[];
  readonly problem: Problem | null;
}

/** The catalog of experiments and all runs, kept in step with the engine. */
export function useLabRuns(): LabRuns {
  const app = useApp();
  const [state, setState] = useState<LabRuns>({ catalog: null, runs: [], problem: null });
  useEffect(() => {
    const { client } = app;
    const runs = new Snapshot<ReplyOf<'lab.runs'> & ReplyOf<'lab.catalog'>, EventOf<'lab.changed'>>({
      fetch: async () => {
        const [catalog, known] = await Promise.all([client.call('lab.catalog', {}), client.call('lab.runs', {})]);
        return { ...catalog, ...known };
      },
      onSnapshot: (answer) => setState({ catalog: answer.experiments, runs: newestFirst(answer.runs), problem: null }),
      onUpdate: ({ run }) =>
        setState((was) => ({
          ...was,
          runs: newestFirst([run, ...was.runs.filter(({ runId }) => runId !== run.runId)]),
        })),
      onError: (error) => setState((was) => ({ ...was, problem: problemOf(error) })),
    });
    const stops = [
      client.on('lab.changed', (event) => runs.update(event)),
      client.on('reset', () => void runs.refresh()),
    ];
    void runs.refresh();
    return () => {
      for (const stop of stops) stop();
    };
  }, [app]);
  return state;
}

const newestFirst = (runs: readonly LabRun[]) => [...runs].sort((a, b) => b.startedAt - a.startedAt);
