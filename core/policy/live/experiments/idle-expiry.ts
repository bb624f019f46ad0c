import { duration } from '../../../model/duration.ts';
import { type CleanupLimit, wholeSeconds } from '../canaries.ts';
import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, type Finding, holds } from '../experiment.ts';
import type { Answer } from '../ports.ts';
import { atAge, TEN_YEARS } from './aged.ts';
import { limitMeasure, limitWords, noCleanup } from './limit-words.ts';

/** Older than asked by so many seconds: whole-second columns and slow machines must not make it younger. */
const MARGIN = 2;

/** A session that has not been used for `idleSeconds` is refused. */
export const idleExpiry: Experiment = {
  meta: {
    id: 'idle-expiry',
    severity: 'high',
    mend: 'End a session on the server once it was not used for the idle time.',
    title: 'A session is refused once it has not been used for the idle time',
    why: 'Whoever finds an open browser, or a stolen cookie, can go on as long as the session does.',
    cause: 'The record was last used as long ago as the idle time.',
    act: 'The verification request with the cookie of the session.',
    control: 'The same request with the record written again as used just now; and with one that is ten years old.',
    needs: ['request', 'record', 'age'],
    writes: true,
    wstg: ['WSTG-v42-SESS-07'],
    asvs: ['v5.0.0-7.3.1'],
  },
  async run(lab) {
    const idle = lab.settings.idleSeconds;
    const words = duration(idle);
    const control = await lab.control('Control: the record as used just now');
    const aged = await lab.ask(atAge(lab, idle + MARGIN, false, `The record aged by ${words}`));
    const limit = lab.canaries?.limit;
    if (aged.outcome === 'refused' && !aged.failed) return refused(lab, aged, control, limit);
    if (aged.outcome !== 'accepted') {
      return cannotTell(`The response after ${words} without use could not be judged: ${aged.judgement.because}.`);
    }
    if (limit !== undefined) {
      lab.addEvidence('Planted records', `A cleanup ran. ${limitWords(limit)}`);
      const measured = limitMeasure(limit);
      if (beyond(limit, idle)) {
        const without = await lab.ask({
          title: 'Control: without its record, as after a cleanup',
          prepare: () => lab.removeRecord(),
        });
        return doesNotHold(
          lab.contrast(aged, without),
          `After ${words} without use the session is still accepted, and a cleanup that ran leaves it alone: ${limitWords(limit)}`,
          measured,
        );
      }
      if (lab.facts().isWebpy && seconds(limit) <= idle) return byCleanup(lab, limit, control);
      return cannotTell(`The session was accepted, although a cleanup ran before. ${limitWords(limit)}`, measured);
    }
    const compared = await comparedAtRequest(lab, aged, control);
    if (compared !== undefined) return compared;
    return cannotTell(`Aged by ${words} the record is still accepted. ${noCleanup(lab)}`);
  },
};

/**
 * No cleanup has shown a limit. Where the application compares ages itself, a much older record is refused; then the one
 * that was accepted says something.
 */
async function comparedAtRequest(lab: LabContext, aged: Answer, control: Answer): Promise<Finding | undefined> {
  const idle = lab.settings.idleSeconds;
  const words = duration(idle);
  const ancient = await lab.ask(atAge(lab, TEN_YEARS, false, 'The record aged by ten years'));
  // If this request itself triggered a cleanup, the result is not conclusive.
  if (lab.canaries?.limit !== undefined) return undefined;
  if (ancient.outcome === 'refused' && !ancient.failed) {
    return doesNotHold(
      lab.contrast(aged, ancient),
      `Ages are compared at the request, and after ${words} without use the session is still accepted.`,
    );
  }
  const renewed = lab.times(true);
  if (renewed.length === 0) return undefined;
  const names = renewed.map(({ at }) => at).join(', ');
  const now = await lab.ask(atAge(lab, idle + MARGIN, true, `The times in its data (${names}) aged by ${words} too`));
  if (now.outcome === 'refused' && !now.failed) {
    const little = await lab.ask(atAge(lab, 0, true, `Control: ${names} written again as of now`));
    return holds(
      lab.contrast(now, little.outcome === 'accepted' ? little : control),
      `After ${words} without use the session is refused; the application compares ${names} in its data.`,
    );
  }
  if (now.outcome !== 'accepted') return undefined;
  const old = await lab.ask(atAge(lab, TEN_YEARS, true, `${names} aged by ten years`));
  if (old.outcome !== 'refused' || old.failed) return undefined;
  return doesNotHold(
    lab.contrast(now, old),
    `The application compares ${names} in its data, and accepts the session after ${words} without use.`,
  );
}

async function refused(
  lab: LabContext,
  aged: Answer,
  control: Answer,
  limit: CleanupLimit | undefined,
): Promise<Finding> {
  const words = duration(lab.settings.idleSeconds);
  if (limit === undefined) {
    return holds(
      lab.contrast(aged, control),
      `After ${words} without use the session is refused, at the request itself.`,
    );
  }
  lab.addEvidence('Planted records', `A cleanup ran. ${limitWords(limit)}`);
  if (beyond(limit, lab.settings.idleSeconds)) {
    return holds(
      lab.contrast(aged, control),
      `After ${words} without use the session is refused, although the cleanup would have left it alone.`,
    );
  }
  if (lab.facts().isWebpy) return byCleanup(lab, limit, control);
  return cannotTell(
    `After ${words} without use the session was refused once by a cleanup; how often that runs is not known. ${limitWords(limit)}`,
    limitMeasure(limit),
  );
}

/**
 * web.py looks for old records at most once per `timeout`, before it looks the session up: a session is gone for certain
 * only after twice that time (section 6 of the reference).
 */
async function byCleanup(lab: LabContext, limit: CleanupLimit, control: Answer): Promise<Finding> {
  const idle = lab.settings.idleSeconds;
  const measured = limitMeasure(limit);
  if (idle < seconds(limit) * 2) {
    return cannotTell(
      `${limitWords(limit)} web.py looks at most once in that time, so a session ends somewhere between that and twice ` +
        `that time without use; ${duration(idle)} lies between.`,
      measured,
    );
  }
  const gone = await lab.ask({
    title: 'Without its record, as after the cleanup',
    prepare: () => lab.removeRecord(),
  });
  if (gone.outcome !== 'refused') {
    return cannotTell('The cleanup removes the record, but the session is accepted without it.', measured);
  }
  return holds(
    lab.contrast(gone, control),
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
