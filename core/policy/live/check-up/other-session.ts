import type { Flow } from '../../../model/flow.ts';
import type { ExperimentMeta, ExperimentNeed } from '../../../model/lab.ts';
import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';
import { withFormFields } from '../log-out.ts';
import type { Answer } from '../ports.ts';
import { outcomeOf } from './responses.ts';

type Key = Extract<ExperimentNeed, 'password_change' | 'logout_everywhere' | 'disable_user'>;

/** Two sessions of one user, an act in one of them, and what becomes of the other. */
function otherSession(
  key: Key,
  meta: Pick<ExperimentMeta, 'id' | 'title' | 'why' | 'severity' | 'mend' | 'asvs' | 'forGood'>,
  judged: boolean,
): Experiment {
  return {
    meta: {
      ...meta,
      cause: `The request ${key} of the policy is sent by one session of the user.`,
      act: 'The verification request with another session of the same user.',
      control: 'The same request before it.',
      needs: ['request', 'login', key],
      writes: true,
      wstg: ['WSTG-v42-SESS-06'],
    },
    ...(key === 'logout_everywhere' ? {} : { endsAccess: true }),
    async run(lab) {
      const act = lab.ports.acts?.[key];
      if (act === undefined) return notApplicable(`The policy names no ${key}.`);
      const [one, two] = [await lab.logIn(), await lab.logIn()];
      const asked = (title: string) => lab.ask({ title, cookie: two.raw, others: two.others, control: 'visitor' });
      const before = await asked('The other session, before');
      if (before.outcome !== 'accepted')
        return cannotTell('A second session of the user is not accepted to begin with.');
      const session = { cookie: one.raw, others: one.others };
      const page = await lab.ask({ title: 'The session that does it', ...session, control: 'visitor' });
      const done = await lab.ask({
        title: key,
        unjudged: true,
        control: 'visitor',
        ...session,
        ...(await withFormFields(lab, act.request, page)),
      });
      const { status } = done.observation;
      if (status === 0 || status >= 400) return cannotTell(`The request itself was answered with ${status}.`);
      const after = await asked('The other session, afterwards');
      const own = await lab.ask({ title: 'The session that did it, afterwards', ...session, control: 'visitor' });
      if (own.outcome === 'refused') lab.ended(one.raw);
      if (after.outcome === 'refused') {
        lab.ended(two.raw);
        return holds(lab.contrast(after, before), 'The other session of the user is ended by it.');
      }
      if (after.outcome !== 'accepted') return cannotTell('The other session could not be judged afterwards.');
      const undone = await notDone(lab, key, act.request, done, own);
      if (undone !== undefined) return cannotTell(undone);
      const words = 'The other session of the user goes on after it.';
      if (!judged)
        return notApplicable(`Reported: ${words} The requirement asks for an option to end the others only.`);
      return doesNotHold(lab.contrast(after, await lab.visitor()), words);
    },
  };
}

/** Why it cannot be said that the act was done; undefined where it was, as far as that shows. */
async function notDone(
  lab: LabContext,
  key: Key,
  request: Flow,
  done: Answer,
  own: Answer,
): Promise<string | undefined> {
  if (key === 'disable_user') {
    // Who can still log in has not been disabled.
    const again = await lab.logIn().catch(() => undefined);
    if (again === undefined) return undefined;
    const asked = await lab.ask({
      title: 'Control: a login after it',
      cookie: again.raw,
      others: again.others,
      control: 'visitor',
    });
    return asked.outcome === 'accepted'
      ? `The user can still log in afterwards: the account was not disabled (${outcomeOf(done)}).`
      : undefined;
  }
  // A session that ended itself shows that the request was understood.
  if (own.outcome === 'refused') return undefined;
  const visitor = await lab.visitor({ title: `Control: ${key} of a visitor`, request, unjudged: true });
  return outcomeOf(visitor) === outcomeOf(done)
    ? `The request is answered alike with the session and without (${outcomeOf(done)}): nothing shows that it was done.`
    : undefined;
}

export const logoutEverywhere = otherSession(
  'logout_everywhere',
  {
    id: 'logout-everywhere',
    title: 'Logging out everywhere ends the other sessions of the user',
    why: 'A user who suspects a theft ends all sessions, and the thief is among them.',
    severity: 'high',
    mend: 'End every session of the user in the store, or change what the sessions are bound to.',
    asvs: ['v5.0.0-7.5.2'],
  },
  true,
);

export const passwordChange = otherSession(
  'password_change',
  {
    id: 'password-change',
    title: 'Whether a change of the password ends the other sessions of the user',
    why: 'A stolen session that survives the new password makes the change useless.',
    severity: 'info',
    mend: 'Offer to end the other sessions when the password is changed.',
    asvs: ['v5.0.0-7.4.3'],
    forGood: 'changes the password of the user',
  },
  false,
);

export const disabledUser = otherSession(
  'disable_user',
  {
    id: 'disabled-user',
    title: 'Disabling the account ends its sessions',
    why: 'An employee who left, or an account that was blocked, goes on in an open session.',
    severity: 'high',
    mend: 'End all sessions of an account when it is disabled or deleted.',
    asvs: ['v5.0.0-7.4.2'],
    forGood: 'disables the account of the user',
  },
  true,
);
