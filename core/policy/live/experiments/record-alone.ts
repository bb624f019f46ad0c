import { cannotTell, doesNotHold, type Experiment, holds } from '../experiment.ts';

/** The record has gone, the browser still has the cookie. */
export const recordAlone: Experiment = {
  meta: {
    id: 'record-alone',
    severity: 'high',
    mend: 'Look the session up on the server at each request.',
    title: 'Without its record the session is not accepted',
    why: 'Ending a session at the server must end it: a copy in memory or in the cookie would go on.',
    cause: "The session's record is removed from the store.",
    act: 'The verification request with its cookie.',
    control: 'The same request with the record put back; and a visitor without any cookie.',
    needs: ['request', 'record'],
    writes: true,
    wstg: ['WSTG-v42-SESS-06', 'WSTG-v42-SESS-07'],
    asvs: ['v5.0.0-7.2.1', 'v5.0.0-7.4.1'],
  },
  async run(lab) {
    const control = await lab.control('Control: the session with its record');
    const answer = await lab.ask({
      title: 'The same request after the record was removed',
      prepare: () => lab.removeRecord(),
    });
    if (answer.outcome === 'refused') {
      const how = answer.failed ? `; the application answers ${answer.observation.status}` : '';
      return holds(lab.contrast(answer, control), `Without its record the session is not accepted${how}.`);
    }
    if (answer.outcome === 'accepted') {
      return doesNotHold(
        lab.contrast(answer, await lab.visitor()),
        'The session is accepted although its record is gone.',
      );
    }
    return cannotTell(`The response without the record could not be judged: ${answer.judgement.because}.`);
  },
};
