import * as z from 'zod';
import type { LabRun } from '../../model/lab.ts';
import { problem } from '../../model/problem.ts';
import { type Answer, type ToolPorts, tool } from '../tool.ts';
import { detailOf, session } from './sessions.ts';

/** Clients give up on a call after a minute. */
const MOST_WAIT_MS = 40_000;

/** Runs the check-up of the policy lab. */
export const checkUp = tool({
  name: 'check_up',
  title: 'Run the check-up of a session',
  description:
    'Asks the live application the questions of the policy lab about a session (fixation, expiry, cookie attributes, CSRF …), each with a control, and gives ' +
    'the verdicts with how to mend what does not hold. Without --allow-writes only questions that write nothing are asked. ' +
    'A run that takes longer gives its id: call again with run.',
  operations: ['lab.catalog', 'lab.run', 'lab.runs', 'session.detail'],
  input: z.object({
    session,
    experiments: z
      .array(z.string().max(100))
      .max(100)
      .optional()
      .describe('Ids of experiments; default: all that may be run'),
    idle_seconds: z
      .number()
      .min(1)
      .max(1e9)
      .default(86_400)
      .describe('After so much disuse a session should be refused'),
    run: z.string().max(100).optional().describe('Id of a run that was not over'),
  }),
  async run({ session: key, experiments, idle_seconds: idleSeconds, run }, ports) {
    await detailOf(key, ports);
    if (run !== undefined) return answerOf(await waitFor(run, ports));
    const { experiments: all } = await ports.handlers['lab.catalog']({});
    const allowed = all.filter(({ writes, forGood }) => forGood === undefined && (!writes || ports.writes));
    const refused = experiments?.find((id) => !allowed.some((one) => one.id === id));
    if (refused !== undefined) {
      const exists = all.some(({ id }) => id === refused);
      throw exists
        ? problem('needs-confirmation', `The experiment ${refused} writes into the store or cannot be undone`, {
            remedy: 'Let the user start sessionscope mcp with --allow-writes, or run it in the window.',
          })
        : problem('not-found', `There is no experiment ${refused}`, {
            remedy: `There are: ${allowed.map(({ id }) => id).join(', ')}`,
          });
    }
    const { runId } = await ports.handlers['lab.run']({
      key,
      experiments: experiments ?? allowed.map(({ id }) => id),
      settings: { idleSeconds, absoluteSeconds: null, addressMayChange: true, addresses: [] },
      confirmed: ports.writes,
    });
    return answerOf(await waitFor(runId, ports));
  },
});

/** The run when it is over, or as it stands after a while. */
async function waitFor(runId: string, { handlers, subscribe }: ToolPorts): Promise<LabRun> {
  const now = async () => {
    const { runs } = await handlers['lab.runs']({});
    const found = runs.find((one) => one.runId === runId);
    if (found === undefined) throw problem('not-found', `There is no run ${runId}`);
    return found;
  };
  let stop = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const over = new Promise<void>((done) => {
      timer = setTimeout(done, MOST_WAIT_MS);
      stop = subscribe((name, event) => {
        const { run } = event as { run?: LabRun };
        if (name === 'lab.changed' && run?.runId === runId && run.state !== 'running') done();
      });
    });
    const first = await now();
    if (first.state !== 'running') return first;
    await over;
    return await now();
  } finally {
    clearTimeout(timer);
    stop();
  }
}

function answerOf({ runId, state, total, outcomes, restored, problem: failed }: LabRun): Answer {
  return {
    said: {
      run: runId,
      state,
      finished: `${outcomes.length} of ${total}`,
      everything_put_back: restored,
      ...(failed === undefined ? {} : { problem: failed.message, what_to_do: failed.remedy }),
      does_not_hold: outcomes
        .filter(({ verdict }) => verdict === 'does-not-hold')
        .map(({ experimentId }) => experimentId),
    },
    outside: {
      verdicts: outcomes.map(({ experimentId, verdict, sentence, mend }) => ({
        experiment: experimentId,
        verdict,
        sentence,
        ...(mend === undefined || verdict !== 'does-not-hold' ? {} : { mend }),
      })),
    },
  };
}
