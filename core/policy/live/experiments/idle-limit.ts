import { duration } from '../../../model/duration.ts';
import { wholeSeconds } from '../canaries.ts';
import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, type Finding, holds } from '../experiment.ts';
import type { Answer } from '../ports.ts';
import type { Seen } from '../proof.ts';
import { atAge, limitsInData, TEN_YEARS } from './aged.ts';
import { limitMeasure, limitWords, noCleanup } from './limit-words.ts';

/** So long a short timeout is waited for, in steps. */
const WAIT_MS = 3_000;
const STEP_MS = 250;
/** So often a refusal that came late is asked for again. */
const MOST_ATTEMPTS = 4;

/** The limit that is really in force, found without waiting for it. */
export const idleLimit: Experiment = {
  meta: {
    id: 'idle-limit',
    severity: 'medium',
    mend: 'Set the idle limit in the unit that the setting is in.',
    title: 'The idle limit in force is not longer than the idle time',
    why: 'A timeout that was mistyped, or is in other units than meant, shows only after a day of waiting.',
    cause: 'The record, or planted copies of one, were last used as long ago as the limit.',
    act: 'The verification request, or the next cleanup.',
    control: 'The same with a record that is one second younger than the limit that was found.',
    needs: ['request', 'record', 'age'],
    writes: true,
    wstg: ['WSTG-v42-SESS-07'],
    asvs: ['v5.0.0-7.3.1'],
  },
  async run(lab) {
    const { idleSeconds } = lab.settings;
    const checked = await atRequest(lab);
    if (checked !== undefined) return checked;
    for (let waited = 0; lab.canaries?.limit === undefined && waited < WAIT_MS; waited += STEP_MS) {
      if (lab.canaries?.planted !== true) break;
      await lab.ports.wait(STEP_MS);
      await lab.ask({ title: 'Waiting for a cleanup' });
    }
    const limit = lab.canaries?.limit;
    if (limit === undefined) {
      lab.takeEvidence();
      return cannotTell(`Records of any age are accepted as long as no cleanup runs. ${noCleanup(lab)}`);
    }
    const measured = limitMeasure(limit);
    lab.addEvidence('Planted records', limitWords(limit));
    const older: Seen = {
      title: `Planted records older than ${Math.ceil(limit.below)} s after the cleanup`,
      value: 'gone',
    };
    const younger: Seen = {
      title: `Planted records younger than ${Math.floor(limit.atLeast)} s after it`,
      value: 'still there',
    };
    const whole = wholeSeconds(limit);
    if ((whole ?? limit.atLeast) > idleSeconds) {
      return doesNotHold(
        lab.contrast(younger, older),
        `${limitWords(limit)} That is longer than ${duration(idleSeconds)}.`,
        measured,
      );
    }
    // Limits are whole seconds; the bracket around one is a little wider.
    if ((whole ?? limit.below) <= idleSeconds) {
      return holds(
        lab.contrast(older, younger),
        `${limitWords(limit)} That is not longer than ${duration(idleSeconds)}.`,
        measured,
      );
    }
    return cannotTell(
      `${limitWords(limit)} Whether that is longer than ${duration(idleSeconds)} lies between.`,
      measured,
    );
  },
};

/** Where ages are compared at each request: bisection with the real record. Undefined where they are not. */
async function atRequest(lab: LabContext): Promise<Finding | undefined> {
  const seenBefore = lab.canaries?.limit !== undefined;
  let inData = false;
  let asked = 0;
  /** So long (whole seconds) the latest refusal may have been older than it was made: the way to the application took it. */
  let late = 0;
  let refusal: Answer | undefined;
  let acceptance: Answer | undefined;
  const accepted = async (age: number): Promise<boolean | undefined> => {
    for (let attempt = 1; ; attempt++) {
      const since = lab.ports.clock();
      asked += 1;
      const answer = await lab.ask(atAge(lab, age, inData, `Aged by ${duration(age)}`));
      late = Math.floor((lab.ports.clock() - since) / 1000);
      if (answer.outcome === 'accepted') {
        acceptance = answer;
        return true;
      }
      if (answer.outcome !== 'refused' || answer.failed) return undefined;
      // Accepted is accepted, however late; a refusal after a second and more may be another age's.
      if (late >= 1 && attempt < MOST_ATTEMPTS) continue;
      refusal = answer;
      return false;
    }
  };
  let oldest = await accepted(TEN_YEARS);
  if (oldest === false && !seenBefore && lab.canaries?.limit !== undefined) return undefined; // a cleanup took it
  if (oldest === true && lab.times(true).length > 0) {
    inData = true;
    oldest = await accepted(TEN_YEARS);
  }
  if (oldest !== false) return undefined;
  let low = 0;
  let high = TEN_YEARS;
  let highLate = 0;
  const step = async (at: number): Promise<Finding | undefined> => {
    const answer = await accepted(at);
    if (answer === undefined) return cannotTell(`The response after ${duration(at)} without use could not be judged.`);
    if (answer) low = Math.max(low, at);
    else [high, highLate] = [at, late];
    return undefined;
  };
  // A time in the future names the limit by itself: it only has to be confirmed.
  for (const limit of inData ? limitsInData(lab) : []) {
    for (const at of [limit + 2, limit - 2]) {
      if (at <= low || at >= high) continue;
      const open = await step(at);
      if (open !== undefined) return open;
    }
  }
  while (high - low > 1) {
    // The usual limits are hours at most: the middle of the powers is nearer than that of the seconds.
    const middle = low < 1 ? Math.sqrt(high) : high / low > 2 ? Math.sqrt(low * high) : (low + high) / 2;
    const open = await step(Math.min(high - 1, Math.max(low + 1, Math.round(middle))));
    if (open !== undefined) return open;
  }
  // Taken by a cleanup that happened to run meanwhile: not the application's own comparison.
  if (!seenBefore && lab.canaries?.limit !== undefined) return undefined;
  const control = acceptance ?? (await lab.control());
  if (refusal === undefined) return undefined;
  // Refused at any age: what was written is refused, not its age.
  if (low === 0) {
    const fresh = await lab.ask(atAge(lab, 0, inData, 'Control: written again as of now'));
    if (fresh.outcome !== 'accepted') {
      return cannotTell('A record that was written again is refused whatever its age, so its age says nothing.');
    }
  }
  const { idleSeconds } = lab.settings;
  const most = high + highLate;
  const measured =
    highLate === 0
      ? [{ label: 'idle limit', value: high, unit: 's' }]
      : [
          { label: 'idle limit at least', value: high, unit: 's' },
          { label: 'idle limit at most', value: most, unit: 's' },
        ];
  const from = highLate === 0 ? `${high} s` : `${high} to ${most} s`;
  const found = `Ages are compared at each request: sessions are refused from ${from} without use on (${asked} requests).`;
  const words = duration(idleSeconds);
  if (most <= idleSeconds + 1) {
    return holds(lab.contrast(refusal, control), `${found} That is not longer than ${words}.`, measured);
  }
  if (high > idleSeconds + 1) {
    return doesNotHold(lab.contrast(control, refusal), `${found} That is longer than ${words}.`, measured);
  }
  return cannotTell(`${found} Whether that is longer than ${words} lies between.`, measured);
}
