import { cannotTell, doesNotHold, type Experiment, holds } from '../experiment.ts';

/** The browser's cookie has run out, the record is still there. */
export const cookieAlone: Experiment = {
  meta: {
    id: 'cookie-alone',
    title: 'Without the cookie the session is not accepted',
    why: 'What recognises a visitor beside the cookie outlives it: an address, another cookie, a cache.',
    needs: ['request'],
    writes: false,
    wstg: ['WSTG-SESS-01', 'WSTG-SESS-07'],
    asvs: ['v5.0.0-7.2.1'],
  },
  async run(lab) {
    const { outcome } = await lab.ask({ title: 'The same request without the cookie', cookie: null });
    if (outcome === 'refused') return holds('When the cookie has run out the session is not accepted.');
    if (outcome === 'accepted') return doesNotHold('The session is accepted without its cookie.');
    return cannotTell('The answer without the cookie could not be judged.');
  },
};
