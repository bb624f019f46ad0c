import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';
import { withFormFields } from '../log-out.ts';
import { numbersIn } from '../record-facts.ts';

const AT_ONCE = 5;

/** Requests of one session that arrive at once do not undo one another's changes. */
export const lostUpdates: Experiment = {
  meta: {
    id: 'lost-updates',
    title: 'Changes of requests that arrive at once are all kept',
    why: 'Each reads the whole session and writes it back: what another wrote between is lost.',
    cause: `${AT_ONCE} requests of one session arrive at once.`,
    act: 'The request act of the policy, which counts something in the session.',
    control: 'The same requests one after the other.',
    severity: 'medium',
    mend: 'Lock the session while a request uses it, or write only what changed.',
    needs: ['request', 'record', 'act'],
    writes: true,
    wstg: [],
    asvs: ['v5.0.0-15.4.1'],
  },
  async run(lab) {
    const request = lab.ports.acts?.['act']?.request;
    if (request === undefined) return notApplicable('The policy names no act.');
    const page = await lab.control();
    const filled = await withFormFields(lab, request, page);
    const send = () => lab.ask({ title: 'act', unjudged: true, ...filled });
    const start = await counted(lab);
    await send();
    const once = await counted(lab);
    await send();
    const twice = await counted(lab);
    const counters = [...once].filter(([at, value]) => {
      const before = start.get(at) ?? 0;
      return value - before === 1 && (twice.get(at) ?? 0) - value === 1;
    });
    const [counter] = counters;
    if (counter === undefined)
      return notApplicable(
        'The request act counts nothing in the session: its record has no number that grows by one.',
      );
    const [at] = counter;
    const before = twice.get(at) ?? 0;
    await lab.sendAtOnce(AT_ONCE, { title: 'act', ...filled });
    const after = (await counted(lab)).get(at) ?? 0;
    const seen = { title: `${at} after ${AT_ONCE} requests at once`, value: `+${after - before}` };
    const control = { title: `Control: ${at} after one request`, value: '+1' };
    if (after - before === AT_ONCE) {
      return holds(
        lab.contrast(seen, control),
        `${AT_ONCE} requests at once are all counted (${at}); in this try none was lost.`,
      );
    }
    if (after - before < 1 || after - before > AT_ONCE) return cannotTell(`${at} changed by ${after - before}.`);
    return doesNotHold(
      lab.contrast({ ...seen, value: `${after - before} of ${AT_ONCE} counted` }, { ...control, value: 'counted' }),
      `Of ${AT_ONCE} requests at once only ${after - before} are counted in ${at}: the others were lost.`,
    );
  },
};

async function counted(lab: LabContext): Promise<ReadonlyMap<string, number>> {
  return numbersIn((await lab.readRecord())?.bytes ?? new Uint8Array());
}
