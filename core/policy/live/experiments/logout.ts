import { isDeleting } from '../../judge/observation.ts';
import { cannotTell, doesNotHold, type Experiment, holds } from '../experiment.ts';
import { followRedirects, type LoggedOut, logOut } from '../log-out.ts';
import type { Answer } from '../ports.ts';

/** A clone of the session, frozen before the logout, is tried after it. */
export const logout: Experiment = {
  meta: {
    id: 'logout',
    severity: 'high',
    mend: 'Remove the session from the store at logout; deleting the cookie is not enough.',
    title: 'After logout the session is not accepted any more',
    why: 'A logout that only deletes the cookie leaves the session to whoever has a copy of it.',
    cause: 'The session logs out.',
    act: 'The verification request with a copy of the session from before the logout.',
    control: 'The same request before the logout; and the browser after it, with what is left of its cookies.',
    needs: ['request', 'logout'],
    writes: true,
    wstg: ['WSTG-v42-SESS-06'],
    asvs: ['v5.0.0-7.4.1'],
  },
  async run(lab) {
    if (!lab.canRenew) {
      return cannotTell('Without the record the session could not be restored after a logout. Attach the store first.');
    }
    const control = await lab.control('Control: the session before the logout');
    const before = await lab.readRecord();
    let out = (await logOut(lab, control)) as LoggedOut;
    const firstRaw = lab.raw;
    let page: Answer = control;
    let done = true;
    /** Brings the situation after the logout about again, where something came between. */
    const loggedOut = async () => {
      if (done) {
        done = false;
        return;
      }
      if (lab.hasRecord) await lab.setRecord(0);
      else {
        const login = await lab.logIn();
        lab.continueWith(login);
      }
      page = await lab.ask({ title: 'The session before the logout' });
      out = (await logOut(lab, page)) as LoggedOut;
    };
    const clone = await lab.ask({
      title: 'A copy of the session after the logout',
      prepare: loggedOut,
      control: 'visitor',
    });
    const gone =
      before === undefined ? '' : clone.before === undefined ? ' Its record is gone.' : ' Its record is still there.';
    const { status } = out.answer.observation;
    if (clone.outcome === 'refused') {
      lab.ended(firstRaw);
      lab.ended(lab.raw);
      return holds(lab.contrast(clone, control), `After logout a copy of the session is refused.${gone}`);
    }
    if (clone.outcome !== 'accepted') {
      return cannotTell(`The response to the copy could not be judged: ${clone.judgement.because}.${gone}`);
    }
    const afterwards = async (cookie: string | null) =>
      await lab.ask({ title: 'The browser after the logout', cookie, control: 'visitor' });
    let browser = await afterwards(out.browser);
    if (browser.outcome === 'accepted' && status >= 300 && status < 400) {
      const left = await followRedirects(lab, out);
      if (left !== out.browser) browser = await afterwards(left);
    }
    if (browser.outcome === 'refused') {
      return doesNotHold(
        lab.contrast(clone, browser),
        `After logout the browser is logged out, but a copy of the session is still accepted.${gone}`,
      );
    }
    if (deletesCookie(lab.ports.cookie.name, out.answer)) {
      return doesNotHold(
        lab.contrast(clone, await lab.visitor()),
        `The logout deletes the cookie only, and the session itself is still accepted.${gone}`,
      );
    }
    if (status === 0 || status >= 400) {
      const token =
        status === 403 || status === 419 || status === 400 || status === 422
          ? ' It may want a hidden field of a form: name it under logout, such as fields: csrf_token.'
          : '';
      return cannotTell(`The logout itself failed: it was answered with ${status}.${token}`);
    }
    return cannotTell(
      'Nothing shows that the logout happened: the browser that sent it is still logged in. Choose the right request.',
    );
  },
};

/** Whether any Set-Cookie of the response deletes the cookie, also one that a later one takes back. */
function deletesCookie(name: string, { flow }: Answer): boolean {
  const raw = flow.response?.rawHeaders ?? [];
  return raw.some(
    (field, i) =>
      i % 2 === 0 &&
      field.toLowerCase() === 'set-cookie' &&
      (raw[i + 1] ?? '').startsWith(`${name}=`) &&
      isDeleting(raw[i + 1] ?? ''),
  );
}
