import { cannotTell, doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';
import { logOut } from '../log-out.ts';

/** A second cookie that recognises the user ends with the logout as well. */
export const rememberMe: Experiment = {
  meta: {
    id: 'remember-me',
    title: 'A cookie that remembers the user ends at logout too',
    why: 'It outlives the session: who copied it is logged in again, whatever becomes of the session.',
    cause: 'The session logs out.',
    act: 'The verification request with the other cookies from before the logout, without that of the session.',
    control: 'The same request before the logout; and a visitor without any cookie.',
    severity: 'high',
    mend: 'Keep such tokens in the store and remove them at logout; give out a new one at each use.',
    needs: ['request', 'logout', 'login'],
    writes: true,
    wstg: ['WSTG-v42-SESS-06', 'WSTG-v42-SESS-07'],
    asvs: ['v5.0.0-7.4.1'],
  },
  async run(lab) {
    const login = await lab.logIn();
    const ask = (title: string) => lab.ask({ title, cookie: null, others: login.given, control: 'visitor' });
    if (Object.keys(login.given).length === 0)
      return notApplicable('The login gives no cookie but that of the session.');
    const before = await ask('The other cookies alone, before the logout');
    if (before.outcome === 'refused') return notApplicable('None of the other cookies recognises the user.');
    if (before.outcome !== 'accepted')
      return cannotTell('The response with the other cookies alone could not be judged.');
    const session = { cookie: login.raw, others: login.given };
    const page = await lab.ask({ title: 'The session that logs out', ...session, control: 'visitor' });
    await logOut(lab, page, session);
    const after = await ask('The other cookies alone, after the logout');
    if (after.outcome === 'refused') {
      return holds(lab.contrast(after, before), 'After the logout the other cookies recognise the user no more.');
    }
    if (after.outcome !== 'accepted') return cannotTell('The response after the logout could not be judged.');
    return doesNotHold(
      lab.contrast(after, await lab.visitor()),
      'After the logout a copy of the other cookies still logs the user in.',
    );
  },
};
