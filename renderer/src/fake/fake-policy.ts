import type { PolicyAnswer, PolicyBand, PolicyQuestion } from '../../../core/model/app.ts';

/** A rough answer in the right form: the engine's lab runs the real session core. */
export function fakePolicy(question: PolicyQuestion): {
  answer: PolicyAnswer;
  band: PolicyBand;
  versions: readonly PolicyAnswer[];
} {
  const versions = (['0.37', '0.40', '0.62', 'intended'] as const).map(
    (profile) => oneAnswer({ ...question, profile }).answer,
  );
  return { ...oneAnswer(question), versions };
}

function oneAnswer(question: PolicyQuestion): { answer: PolicyAnswer; band: PolicyBand } {
  const { parameters, afterSeconds, fromAddress, cleanup } = question;
  const timeout = Number(parameters.timeout);
  const gone = afterSeconds > timeout && cleanup === 'at-request';
  const foreign = fromAddress !== '127.0.0.1' && !parameters.ignore_change_ip;
  const outcome = foreign
    ? 'expired-message'
    : gone
      ? parameters.ignore_expiry
        ? 'new-session'
        : 'expired-message'
      : 'accepted';
  const sentence = {
    accepted: 'The session is accepted and goes on.',
    'new-session': 'The record was cleaned up; a new session is issued without a word.',
    'expired-message': foreign
      ? 'The address differs from the one in the record; the expired message is sent with status 200.'
      : 'The record was cleaned up; the expired message is sent with status 200.',
    'server-error': '',
  }[outcome];
  return {
    answer: {
      question,
      outcome,
      sentence,
      reasons: [
        `cleanup(${parameters.timeout}) ${cleanup === 'at-request' ? 'runs at this request' : 'is not due: one ran less than timeout ago'}`,
        gone ? 'atime is older than timeout: the record is removed' : 'the record is still there',
        `ignore_change_ip=${parameters.ignore_change_ip ? 'True' : 'False'}`,
      ],
      evidence: {
        status: 200,
        setCookie: outcome === 'accepted' ? [] : ['webpy_session_id=81d0…1b; Path=/; HttpOnly'],
        body: outcome === 'expired-message' ? 'Session expired' : '<p>count: 42</p>',
        recordBefore: '{count: 41, ip: 127.0.0.1}',
        recordAfter: outcome === 'accepted' ? '{count: 42, ip: 127.0.0.1}' : '(removed)',
        storeCalls: ['cleanup(86400)', "'3f2a…9c' in store", "store['3f2a…9c']"],
      },
    },
    band: { mayBeGoneAfter: timeout, mustBeGoneAfter: timeout * 2 },
  };
}
