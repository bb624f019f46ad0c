import { cannotTell, doesNotHold, type Experiment, holds } from '../experiment.ts';

/** The record has gone, the browser still has the cookie. */
export const recordAlone: Experiment = {
  meta: {
    id: 'record-alone',
    title: 'Without its record the session is not accepted',
    why: 'Ending a session at the server must end it: a copy in memory or in the cookie would go on.',
    needs: ['request', 'record'],
    writes: true,
    wstg: ['WSTG-SESS-06', 'WSTG-SESS-07'],
    asvs: ['v5.0.0-7.2.1', 'v5.0.0-7.4.1'],
  },
  async run(lab) {
    await lab.removeRecord();
    const { outcome, failed, observation } = await lab.ask({ title: 'The same request after the record was removed' });
    if (outcome === 'refused') {
      return holds(
        failed
          ? `Without its record the session is not accepted; the application answers ${observation.status}.`
          : 'Without its record the session is not accepted.',
      );
    }
    if (outcome === 'accepted') return doesNotHold('The session is accepted although its record is gone.');
    return cannotTell('The answer without the record could not be judged.');
  },
};
