import { alike } from '../alike.ts';
import { cannotTell, type Experiment, holds } from '../experiment.ts';
import { adoptionAtLogin } from '../experiments/adoption.ts';

/** Ids are followed across a login: that of an anonymous session, and one that was made up. */
export const sessionFixation: Experiment = {
  meta: {
    id: 'session-fixation',
    title: 'A login gives a new id, and the id from before it is no session',
    why: 'Whoever plants an id in a browser before the login would be logged in with it afterwards.',
    cause: 'A browser logs in that has an anonymous session, or a made-up id, already.',
    act: 'The verification request with the id from before the login.',
    control: 'The same request before the login; and the id that the login gave.',
    severity: 'high',
    mend: 'Renew the id at login and remove the session of the old one.',
    needs: ['request', 'login'],
    writes: true,
    wstg: ['WSTG-v42-SESS-03'],
    asvs: ['v5.0.0-7.2.4'],
  },
  async run(lab) {
    const visit = await lab.visitor({ title: 'A visitor, for an anonymous session' });
    const anonymous = visit.observation.newId;
    const asked: string[] = [];
    if (anonymous === undefined) asked.push('Visitors get no id before the login.');
    else {
      const kept = await adoptionAtLogin(lab, 'The id of an anonymous session', anonymous);
      if (kept.finding !== undefined) return kept.finding;
      if (!kept.asked) return cannotTell(kept.sentence);
      asked.push(kept.sentence);
    }
    const made = await adoptionAtLogin(lab, 'An id that was made up', alike(lab.raw, lab.ports.randomHex));
    if (made.finding !== undefined) return made.finding;
    if (!made.asked) return cannotTell(made.sentence);
    asked.push(made.sentence);
    const old = await lab.ask({
      title: 'An id from before a login, after it',
      cookie: anonymous ?? alike(lab.raw, lab.ports.randomHex),
    });
    return holds(lab.contrast(old, await lab.control('Control: the id that a login gave')), asked.join(' '));
  },
};
