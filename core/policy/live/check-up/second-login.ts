import { cannotTell, doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';
import type { Answer, Ask } from '../ports.ts';

const LOGINS = 3;

/** How many sessions of one user are valid at once. */
export const secondLogin: Experiment = {
  meta: {
    id: 'second-login',
    title: 'Not more sessions of one user are valid at once than the policy says',
    why: 'Sessions that are forgotten on other machines stay open, and a thief among them is not noticed.',
    cause: `The user logs in ${LOGINS} more times.`,
    act: 'The verification request with each of the sessions.',
    control: 'The session of the last login; and a visitor without any cookie.',
    severity: 'info',
    mend: "Keep the user's sessions in a list, and end the oldest beyond the limit at login.",
    needs: ['request', 'login'],
    writes: true,
    wstg: ['WSTG-latest-SESS-11 (2024)'],
    asvs: ['v5.0.0-7.1.2'],
  },
  async run(lab) {
    const sessions: { raw: string; others?: NonNullable<Ask['others']> }[] = [{ raw: lab.raw }];
    for (let n = 0; n < LOGINS; n++) sessions.push(await lab.logIn());
    const answers: Answer[] = [];
    for (const [n, { raw, others }] of sessions.entries()) {
      answers.push(
        await lab.ask({
          title: `Session ${n + 1} of ${sessions.length}`,
          cookie: raw,
          control: 'visitor',
          ...(others === undefined ? {} : { others }),
        }),
      );
    }
    const valid = answers.filter(({ outcome }) => outcome === 'accepted');
    if (answers.some(({ outcome }) => outcome !== 'accepted' && outcome !== 'refused')) {
      return cannotTell('Not every session could be judged.');
    }
    const words = `After ${LOGINS} more logins ${valid.length} of ${sessions.length} sessions are valid`;
    const measured = [{ label: 'valid sessions', value: valid.length, unit: '' }];
    const { sessions: most } = lab.settings;
    if (most === undefined || most === null) {
      return notApplicable(`Reported: ${words}. The policy names no limit.`);
    }
    const [first] = valid;
    const visitor = await lab.visitor();
    if (valid.length > most) {
      return first === undefined
        ? cannotTell(words)
        : doesNotHold(lab.contrast(first, visitor), `${words}; the policy allows ${most}.`, measured);
    }
    const ended = answers.find(({ outcome }) => outcome === 'refused');
    const last = answers.at(-1);
    if (ended === undefined || last === undefined) {
      return cannotTell(
        `${words}, and the policy allows ${most}: more logins would be needed to see a limit.`,
        measured,
      );
    }
    return holds(lab.contrast(ended, last), `${words}; the policy allows ${most}.`, measured);
  },
};
