import { duration } from '../../../model/duration.ts';
import { type CleanupLimit, wholeSeconds } from '../canaries.ts';
import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, type Finding, holds } from '../experiment.ts';
import { agedTimes } from '../record-facts.ts';
import { limitMeasure, limitWords, RESTART } from './limit-words.ts';

/** Older than asked by so many seconds: whole-second columns and slow machines must not make it younger. */
const MARGIN = 2;
const TEN_YEARS = 3_653 * 86_400;

/** A session that has not been used for `idleSeconds` is refused. */
export const idleExpiry: Experiment = {
  meta: {
    id: 'idle-expiry',
    title: 'A session is refused once it has not been used for the idle time',
    why: 'Whoever finds an open browser, or a stolen cookie, can go on as long as the session does.',
    needs: ['request', 'record', 'age'],
    writes: true,
    wstg: ['WSTG-SESS-07'],
    asvs: ['v5.0.0-7.3.1'],
  },
  async run(lab) {
    const idle = lab.settings.idleSeconds;
    const words = duration(idle);
    await lab.setRecord(idle + MARGIN);
    const aged = await lab.ask({ title: `The record aged by ${words}` });
    const limit = lab.canaries?.limit;
    if (aged.outcome === 'refused') return refused(lab, limit);
    if (aged.outcome !== 'accepted') return cannotTell(`The answer after ${words} without use could not be judged.`);

    if (limit !== undefined) {
      lab.addEvidence('Canary records', `A cleanup ran. ${limitWords(limit)}`);
      const measured = limitMeasure(limit);
      if (beyond(limit, idle)) {
        return doesNotHold(
          `After ${words} without use the session is still accepted, and a cleanup that ran leaves it alone: ${limitWords(limit)}`,
          measured,
        );
      }
      if (lab.facts().isWebpy && seconds(limit) <= idle) return byCleanup(lab, limit);
      return cannotTell(`The session was accepted, although a cleanup ran before. ${limitWords(limit)}`, measured);
    }

    const compared = await comparedAtRequest(lab);
    if (compared !== undefined) return compared;
    const reason = lab.canaries?.problem;
    return cannotTell(
      `Aged by ${words} the record is still accepted, but no cleanup was seen to run${reason === undefined ? '' : ` (${reason})`}: ` +
        `an application such as web.py compares no ages at a request and may remove the session later. ${RESTART}`,
    );
  },
};

/**
 * No cleanup has shown a limit. Where the application compares ages itself, a much older record is refused; then the one
 * that was accepted says something.
 */
async function comparedAtRequest(lab: LabContext): Promise<Finding | undefined> {
  const idle = lab.settings.idleSeconds;
  const words = duration(idle);
  await lab.setRecord(TEN_YEARS);
  const ancient = await lab.ask({ title: 'The record aged by ten years' });
  // A cleanup of this very request would tell another tale.
  if (lab.canaries?.limit !== undefined) return undefined;
  if (ancient.outcome === 'refused' && !ancient.failed) {
    return doesNotHold(
      `Ages are compared at the request, and after ${words} without use the session is still accepted.`,
    );
  }
  const renewed = lab.times(true);
  const { base } = lab;
  if (renewed.length === 0 || base === undefined) return undefined;
  const names = renewed.map(({ at }) => at).join(', ');
  const shifted = async (seconds: number, title: string) => {
    await lab.setRecord(
      seconds,
      agedTimes(base.bytes, renewed, { seconds, now: lab.ports.clock(), layers: lab.facts().layers }),
    );
    const { outcome, failed } = await lab.ask({ title });
    return failed ? 'unclear' : outcome;
  };
  const now = await shifted(idle + MARGIN, `The times in its data (${names}) aged by ${words} too`);
  if (now === 'refused') {
    return holds(`After ${words} without use the session is refused; the application compares ${names} in its data.`);
  }
  if (now !== 'accepted' || (await shifted(TEN_YEARS, `${names} aged by ten years`)) !== 'refused') return undefined;
  return doesNotHold(
    `The application compares ${names} in its data, and accepts the session after ${words} without use.`,
  );
}

async function refused(lab: LabContext, limit: NonNullable<LabContext['canaries']>['limit']): Promise<Finding> {
  const words = duration(lab.settings.idleSeconds);
  if (limit === undefined) {
    return holds(`After ${words} without use the session is refused, at the request itself.`);
  }
  lab.addEvidence('Canary records', `A cleanup ran. ${limitWords(limit)}`);
  if (beyond(limit, lab.settings.idleSeconds)) {
    return holds(`After ${words} without use the session is refused, although the cleanup would have left it alone.`);
  }
  if (lab.facts().isWebpy) return byCleanup(lab, limit);
  return cannotTell(
    `After ${words} without use the session was refused once by a cleanup; how often that runs is not known. ${limitWords(limit)}`,
    limitMeasure(limit),
  );
}

/**
 * web.py looks for old records at most once per `timeout`, before it looks the session up: a session is gone for certain
 * only after twice that time (section 6 of the reference).
 */
async function byCleanup(lab: LabContext, limit: { atLeast: number; below: number }): Promise<Finding> {
  const idle = lab.settings.idleSeconds;
  const measured = limitMeasure(limit);
  if (idle < seconds(limit) * 2) {
    return cannotTell(
      `${limitWords(limit)} web.py looks at most once in that time, so a session ends somewhere between that and twice ` +
        `that time without use; ${duration(idle)} lies between.`,
      measured,
    );
  }
  await lab.removeRecord();
  const gone = await lab.ask({ title: 'Without its record, as after the cleanup' });
  if (gone.outcome !== 'refused') {
    return cannotTell(`The cleanup removes the record, but the session is accepted without it.`, measured);
  }
  return holds(
    `${limitWords(limit)} web.py looks at most once in that time, so after ${duration(idle)} without use the session is refused.`,
    measured,
  );
}

/** The limit, or what it certainly lies below. */
function seconds(limit: CleanupLimit): number {
  return wholeSeconds(limit) ?? limit.below;
}

function beyond(limit: CleanupLimit, idle: number): boolean {
  return (wholeSeconds(limit) ?? limit.atLeast) > idle;
}
