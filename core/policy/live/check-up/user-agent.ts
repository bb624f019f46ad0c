import { cannotTell, type Experiment, notApplicable } from '../experiment.ts';

/** Whether a session is bound to the browser that logged in: reported, as no requirement asks for it. */
export const userAgent: Experiment = {
  meta: {
    id: 'user-agent',
    title: 'Whether a session is bound to the User-Agent of its login',
    why: 'A copied cookie is used in another browser; the field can be copied too, so it only hinders.',
    cause: 'The request names another User-Agent.',
    act: 'The verification request with the cookie of the session.',
    control: 'The same request with the User-Agent of the login.',
    severity: 'info',
    mend: 'Nothing has to be mended; a binding of this kind stops careless thieves only.',
    needs: ['request'],
    writes: true,
    wstg: ['WSTG-v42-SESS-09'],
    asvs: [],
  },
  async run(lab) {
    await lab.control('Control: the User-Agent of the login');
    const other = await lab.ask({
      title: 'Another User-Agent',
      headers: { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
      ...(lab.hasRecord ? { prepare: () => lab.setRecord(0) } : {}),
    });
    if (other.outcome === 'accepted')
      return notApplicable('Reported: the session is accepted from another User-Agent.');
    if (other.outcome === 'refused') return notApplicable('Reported: from another User-Agent the session is refused.');
    return cannotTell(`The response could not be judged: ${other.judgement.because}.`);
  },
};
