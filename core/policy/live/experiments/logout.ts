import { cannotTell, doesNotHold, type Experiment, holds } from '../experiment.ts';

/** A clone of the session, frozen before the logout, is tried after it. */
export const logout: Experiment = {
  meta: {
    id: 'logout',
    title: 'After logout the session is not accepted any more',
    why: 'A logout that only deletes the cookie leaves the session to whoever has a copy of it.',
    needs: ['request', 'logout'],
    writes: true,
    wstg: ['WSTG-SESS-06'],
    asvs: ['v5.0.0-7.4.1'],
  },
  async run(lab) {
    if (!lab.hasRecord && lab.ports.renew === undefined) {
      return cannotTell('Without the record the session could not be restored after a logout. Attach the store first.');
    }
    const before = await lab.readRecord();
    const out = await lab.ask({ title: 'The logout', request: 'logout' });
    const { status } = out.observation;
    const raw = out.flow.response?.rawHeaders ?? [];
    const deletes = raw.some(
      (field, i) =>
        field.toLowerCase() === 'set-cookie' &&
        (raw[i + 1] ?? '').startsWith(`${lab.ports.cookie.name}=`) &&
        /;\s*(max-age\s*=\s*-?0*(;|$)|expires\s*=\s*[^;]*(19[0-9]{2}|20[01][0-9]))/i.test(raw[i + 1] ?? ''),
    );
    const changed = before !== undefined && out.after?.revision !== before.revision;
    const clone = await lab.ask({ title: 'The frozen clone after the logout' });
    const gone =
      before === undefined ? '' : clone.before === undefined ? ' Its record is gone.' : ' Its record is still there.';
    if (clone.outcome === 'refused') return holds(`After logout a clone of the session is refused.${gone}`);
    if (clone.outcome !== 'accepted') return cannotTell(`The answer to the clone could not be judged.${gone}`);
    if (status === 0 || status >= 400) return cannotTell(`The logout itself failed: it was answered with ${status}.`);
    if (!deletes && !changed) {
      return cannotTell(
        'Nothing shows that the logout happened: it deletes no cookie and leaves the record. Choose the right request.',
      );
    }
    return doesNotHold(`After logout a clone of the session is still accepted.${gone}`);
  },
};
