import { duration } from '../../../model/duration.ts';
import { cannotTell, doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';
import { agedTimes } from '../record-facts.ts';

/** However much it is used, a session ends some time after it began. */
export const absoluteLifetime: Experiment = {
  meta: {
    id: 'absolute-lifetime',
    title: 'A session ends at its absolute lifetime, however much it is used',
    why: 'A stolen session that is kept busy would otherwise never end.',
    needs: ['request', 'record'],
    writes: true,
    wstg: ['WSTG-SESS-07'],
    asvs: ['v5.0.0-7.3.2'],
  },
  async run(lab) {
    const { absoluteSeconds } = lab.settings;
    if (absoluteSeconds === null) return notApplicable('The policy names no absolute lifetime.');
    const words = duration(absoluteSeconds);
    const { firstSeen, clock } = lab.ports;
    if (firstSeen !== undefined && clock() - firstSeen > absoluteSeconds * 1000) {
      const answer = await lab.ask({ title: 'The session as it is' });
      if (answer.outcome === 'accepted') {
        return doesNotHold(`First seen ${duration((clock() - firstSeen) / 1000)} ago, the session is still accepted.`);
      }
    }
    const kept = lab.times(false);
    const { base } = lab;
    if (kept.length === 0 || base === undefined) {
      return cannotTell(
        'The record keeps no time at which the session began' +
          (lab.facts().isWebpy ? ': web.py itself knows no absolute lifetime' : '') +
          `. A session that is really older than ${words} would tell.`,
      );
    }
    await lab.setRecord(
      0,
      agedTimes(base.bytes, kept, { seconds: absoluteSeconds + 2, now: clock(), layers: lab.facts().layers }),
    );
    const names = kept.map(({ at }) => at).join(', ');
    const aged = await lab.ask({ title: `The times that stay (${names}) ${words} earlier` });
    if (aged.outcome === 'refused' && !aged.failed) {
      return holds(`With ${names} ${words} earlier the session is refused, though it was used just now.`);
    }
    return cannotTell(
      `With ${names} ${words} earlier the session is still accepted; the application may keep the beginning elsewhere. ` +
        `A session that is really older than ${words} would tell.`,
    );
  },
};
