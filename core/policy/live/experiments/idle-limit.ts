import { duration } from '../../../model/duration.ts';
import { wholeSeconds } from '../canaries.ts';
import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, type Finding, holds } from '../experiment.ts';
import { agedTimes } from '../record-facts.ts';
import { limitMeasure, limitWords, RESTART } from './limit-words.ts';

const TEN_YEARS = 3_653 * 86_400;
/** So long a short timeout is waited for, in steps. */
const WAIT_MS = 3_000;
const STEP_MS = 250;
/** So often a refusal that came late is asked for again. */
const MOST_ATTEMPTS = 4;

/** The limit that is really in force, found without waiting for it. */
export const idleLimit: Experiment = {
  meta: {
    id: 'idle-limit',
    title: 'The idle limit in force is not longer than the idle time',
    why: 'A timeout that was mistyped, or is in other units than meant, shows only after a day of waiting.',
    needs: ['request', 'record', 'age'],
    writes: true,
    wstg: ['WSTG-SESS-07'],
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
      const { problem } = lab.canaries ?? {};
      lab.takeEvidence();
      return cannotTell(
        `No cleanup was seen to run${problem === undefined ? '' : ` (${problem})`}, and records of any age are accepted until one does. ${RESTART}`,
      );
    }
    const measured = limitMeasure(limit);
    lab.addEvidence('Canary records', limitWords(limit));
    const whole = wholeSeconds(limit);
    if ((whole ?? limit.atLeast) > idleSeconds) {
      return doesNotHold(`${limitWords(limit)} That is longer than ${duration(idleSeconds)}.`, measured);
    }
    // Limits are whole seconds; the bracket around one is a little wider.
    if ((whole ?? limit.below) <= idleSeconds) {
      return holds(`${limitWords(limit)} That is not longer than ${duration(idleSeconds)}.`, measured);
    }
    return cannotTell(
      `${limitWords(limit)} Whether that is longer than ${duration(idleSeconds)} lies between.`,
      measured,
    );
  },
};

/** Where ages are compared at each request: bisection with the real record. Undefined where they are not. */
async function atRequest(lab: LabContext): Promise<Finding | undefined> {
  const renewed = lab.times(true);
  const seenBefore = lab.canaries?.limit !== undefined;
  let inData = false;
  let asked = 0;
  /** So long (whole seconds) the latest refusal may have been older than it was made: the way to the application took it. */
  let late = 0;
  const accepted = async (age: number): Promise<boolean | undefined> => {
    for (let attempt = 1; ; attempt++) {
      const since = lab.ports.clock();
      const answer = await askAt(age);
      late = Math.floor((lab.ports.clock() - since) / 1000);
      // Accepted is accepted, however late; a refusal after a second and more may be another age's.
      if (answer !== false || late < 1 || attempt === MOST_ATTEMPTS) return answer;
    }
  };
  const askAt = async (age: number): Promise<boolean | undefined> => {
    const { base } = lab;
    if (base === undefined) return undefined;
    await lab.setRecord(
      age,
      inData
        ? agedTimes(base.bytes, renewed, { seconds: age, now: lab.ports.clock(), layers: lab.facts().layers })
        : base.bytes,
    );
    asked += 1;
    const { outcome, failed } = await lab.ask({ title: `Aged by ${duration(age)}` });
    return outcome === 'accepted' ? true : outcome === 'refused' && !failed ? false : undefined;
  };
  let oldest = await accepted(TEN_YEARS);
  if (oldest === false && !seenBefore && lab.canaries?.limit !== undefined) return undefined; // a cleanup took it
  if (oldest === true && renewed.length > 0) {
    inData = true;
    oldest = await accepted(TEN_YEARS);
  }
  if (oldest !== false) return undefined;
  let low = 0;
  let high = TEN_YEARS;
  let highLate = 0;
  while (high - low > 1) {
    // The usual limits are hours at most: the middle of the powers is nearer than that of the seconds.
    const middle = low < 1 ? Math.sqrt(high) : high / low > 2 ? Math.sqrt(low * high) : (low + high) / 2;
    const at = Math.min(high - 1, Math.max(low + 1, Math.round(middle)));
    const answer = await accepted(at);
    if (answer === undefined) return cannotTell(`The answer after ${duration(at)} without use could not be judged.`);
    if (answer) low = at;
    else [high, highLate] = [at, late];
  }
  // Taken by a cleanup that happened to run meanwhile: not the application's own comparison.
  if (!seenBefore && lab.canaries?.limit !== undefined) return undefined;
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
  if (most <= idleSeconds + 1) return holds(`${found} That is not longer than ${duration(idleSeconds)}.`, measured);
  if (high > idleSeconds + 1) return doesNotHold(`${found} That is longer than ${duration(idleSeconds)}.`, measured);
  return cannotTell(`${found} Whether that is longer than ${duration(idleSeconds)} lies between.`, measured);
}
