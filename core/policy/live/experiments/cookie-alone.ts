import { cannotTell, doesNotHold, type Experiment, holds } from '../experiment.ts';

/** The browser's cookie has run out, the record is still there. */
export const cookieAlone: Experiment = {
  meta: {
    id: 'cookie-alone',
    severity: 'high',
    mend: 'Let nothing but the session cookie recognise a logged in user.',
    title: 'Without the cookie the session is not accepted',
    why: 'What recognises a visitor beside the cookie outlives it: an address, another cookie, a cache.',
    cause: "The session's cookie is left out; all other cookies are sent.",
    act: 'The verification request.',
    control: 'The same request with the cookie; and a visitor without any cookie, whose page must be another one.',
    needs: ['request'],
    writes: false,
    wstg: ['WSTG-v42-SESS-01', 'WSTG-v42-SESS-07'],
    asvs: ['v5.0.0-7.2.1'],
  },
  async run(lab) {
    const control = await lab.control('Control: the session with its cookie');
    // What the visitor without any cookie gets was learnt from other requests; here it is asked again beside the others.
    const visitor = await lab.visitor();
    const answer = await lab.ask({ title: 'The same request without the cookie', cookie: null, others: 'sent' });
    if (answer.outcome === 'refused') {
      return holds(lab.contrast(answer, control), 'When the cookie has run out the session is not accepted.');
    }
    if (answer.outcome === 'accepted') {
      return doesNotHold(
        lab.contrast(answer, visitor),
        'The user is recognised without the cookie of the session: by another cookie of the request.',
      );
    }
    return cannotTell(`The response without the cookie could not be judged: ${answer.judgement.because}.`);
  },
};
