import { duration } from '../../../model/duration.ts';
import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, type Finding, holds, notApplicable } from '../experiment.ts';
import type { Answer } from '../ports.ts';
import { movedTimes, type TimeInside } from '../record-facts.ts';
import { TEN_YEARS } from './aged.ts';

const MINUTE = 60;
const MARGIN = 2;

/** However much it is used, a session ends some time after it began. */
export const absoluteLifetime: Experiment = {
  meta: {
    id: 'absolute-lifetime',
    severity: 'medium',
    mend: 'Keep the time of the login in the session and end it that long afterwards.',
    title: 'A session ends at its absolute lifetime, however much it is used',
    why: 'A stolen session that is kept busy would otherwise never end.',
    cause: 'A time in the data that the application never renews lies as far back as the lifetime.',
    act: 'The verification request with the cookie of the session, used just now.',
    control: 'The same time moved by a minute, forward by a minute, and by the limit that was found less a minute.',
    needs: ['request', 'record'],
    writes: true,
    wstg: ['WSTG-v42-SESS-07'],
    asvs: ['v5.0.0-7.3.2'],
  },
  async run(lab) {
    const { absoluteSeconds } = lab.settings;
    if (absoluteSeconds === null) return notApplicable('The policy names no absolute lifetime.');
    const words = duration(absoluteSeconds);
    const { firstSeen, clock } = lab.ports;
    if (firstSeen !== undefined && clock() - firstSeen > absoluteSeconds * 1000) {
      const answer = await lab.control('The session as it is');
      return doesNotHold(
        lab.contrast(answer, await lab.visitor()),
        `First seen ${duration((clock() - firstSeen) / 1000)} ago, the session is still accepted.`,
      );
    }
    const kept = lab.times(false);
    const notes: string[] = [];
    for (const time of kept) {
      const found =
        time.time <= clock()
          ? await fromBeginning(lab, time, absoluteSeconds)
          : await untilEnd(lab, time, absoluteSeconds);
      if (typeof found !== 'string') return found;
      notes.push(found);
    }
    const really = `A session that is really older than ${words} would tell.`;
    if (notes.length > 0) return cannotTell(`${notes.join(' ')} ${really}`);
    const webpy = lab.facts().isWebpy ? ': web.py itself knows no absolute lifetime' : '';
    return cannotTell(`The record keeps no time at which the session began${webpy}. ${really}`);
  },
};

/** The record with one time moved so far back (seconds; negative: forward), and used just now. */
async function moved(lab: LabContext, time: TimeInside, seconds: number, title: string): Promise<Answer> {
  return await lab.ask({
    title,
    prepare: async () => {
      const { base } = lab;
      if (base === undefined) return;
      await lab.setRecord(0, movedTimes(base.bytes, [time], Math.round(seconds), lab.facts().layers));
    },
  });
}

/** A time in the past may be the beginning. A finding, or why it says nothing. */
async function fromBeginning(lab: LabContext, time: TimeInside, absolute: number): Promise<Finding | string> {
  const { at } = time;
  const ago = (lab.ports.clock() - time.time) / 1000;
  const toAge = (seconds: number) =>
    moved(lab, time, seconds - (lab.ports.clock() - time.time) / 1000, `${at} ${duration(seconds)} ago, used just now`);
  const little = await moved(lab, time, MINUTE, `Control: ${at} a minute earlier`);
  const forward = await moved(lab, time, -MINUTE, `Control: ${at} a minute later`);
  if (little.outcome !== 'accepted' || forward.outcome !== 'accepted') {
    return `The session is bound to the exact value of ${at}: moved by a minute only, it is not accepted, so moving it further says nothing about an age.`;
  }
  if (ago > absolute + MARGIN) {
    return `${at} is older than the lifetime (${duration(ago)}), and the session is accepted: it is not its beginning.`;
  }
  let high = absolute + MARGIN;
  let refusal = await toAge(high);
  let low = Math.ceil(ago) + MINUTE;
  let acceptance = little;
  const within = refusal.outcome === 'refused' && !refusal.failed;
  if (!within) {
    if (refusal.outcome !== 'accepted') return `With ${at} moved the response could not be judged.`;
    [acceptance, low] = [refusal, high];
    high = TEN_YEARS;
    refusal = await toAge(high);
    if (refusal.outcome !== 'refused' || refusal.failed) {
      return `With ${at} ${duration(absolute)} earlier, and ten years earlier, the session is still accepted: it is not compared, or the beginning is kept elsewhere.`;
    }
  }
  while (high - low > MINUTE && high > low * 1.001) {
    const middle = Math.round(high / low > 2 ? Math.sqrt(low * high) : (low + high) / 2);
    const answer = await toAge(middle);
    if (answer.outcome === 'accepted') [low, acceptance] = [middle, answer];
    else if (answer.outcome === 'refused' && !answer.failed) [high, refusal] = [middle, answer];
    else return `With ${at} ${duration(middle)} ago the response could not be judged.`;
  }
  const measured = [
    { label: 'absolute lifetime at least', value: low, unit: 's' },
    { label: 'absolute lifetime at most', value: high, unit: 's' },
  ];
  const limit = `The session is refused once ${at} lies some ${duration(high)} back, and accepted a minute before that`;
  return within
    ? holds(lab.contrast(refusal, acceptance), `${limit}, though it was used just now.`, measured)
    : doesNotHold(lab.contrast(acceptance, refusal), `${limit}: that is longer than ${duration(absolute)}.`, measured);
}

/** A time in the future that is never renewed is an end that can be read, and then confirmed. */
async function untilEnd(lab: LabContext, time: TimeInside, absolute: number): Promise<Finding | string> {
  const { at } = time;
  const left = () => (time.time - lab.ports.clock()) / 1000;
  const before = await moved(lab, time, left() - MINUTE, `Control: ${at} in a minute`);
  const after = await moved(lab, time, left() + MARGIN, `${at} over, used just now`);
  if (before.outcome !== 'accepted' || after.outcome !== 'refused' || after.failed) {
    return `${at} lies in the future and is not renewed, but the application does not compare it with the time.`;
  }
  const { beganAt } = lab.ports;
  if (beganAt === undefined) {
    return `The session ends at ${at}, in ${duration(left())}, however much it is used; when it began is not known here.`;
  }
  const lifetime = Math.round((time.time - beganAt) / 1000);
  const measured = [{ label: 'absolute lifetime', value: lifetime, unit: 's' }];
  const words = `The session ends at ${at}, ${duration(lifetime)} after its beginning, however much it is used`;
  return lifetime <= absolute + MARGIN
    ? holds(lab.contrast(after, before), `${words}.`, measured)
    : doesNotHold(lab.contrast(before, after), `${words}: that is longer than ${duration(absolute)}.`, measured);
}
