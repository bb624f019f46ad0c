import type { Evidence } from '../../model/diagnosis.ts';
import type { Cause, Explanation } from '../cause.ts';
import { nameOf, removalFor, requestOf, span } from '../evidence.ts';
import type { Facts } from '../facts.ts';
import type { Loss } from '../loss.ts';

export const recordIdle: Cause = {
  id: 'record-idle',
  title: 'The record was removed after too long without use',
  why: 'Frameworks remove records that were not used for longer than their limit, at some request or in a job.',
  tell: 'The record is gone, and its last use lies further back than the limit.',
  remedy: 'Raise the limit, or keep the session alive while a page is open.',
  explain(facts, loss): Explanation | undefined {
    const gone = removalFor(facts, loss);
    if (gone === undefined || gone.removedHere || gone.lastUsed === null) return undefined;
    const { idleSeconds, idleSetting = 'the limit', framework = 'the application' } = facts.rules;
    const unused = gone.at - gone.lastUsed;
    if (idleSeconds === undefined || unused < idleSeconds * 1000) return undefined;
    return {
      certainty: facts.rules.idleIsDefault === true ? 'likely' : 'certain',
      sentence: `${sentIt(facts, loss)}The record was removed by ${framework}’s cleanup${trigger(facts, gone.flowId)}: unused for ${span(unused)}, ${idleSetting} ${span(idleSeconds * 1000)}.`,
      evidence: [
        { at: gone.lastUsed, text: 'Last use of the record' },
        { at: gone.at, text: 'The record is gone', ...(gone.flowId === undefined ? {} : { flowId: gone.flowId }) },
        ...shown(facts, loss),
      ],
    };
  },
};

function sentIt({ subject }: Facts, loss: Loss): string {
  return loss.kind === 'not-accepted' || loss.kind === 'replaced' ? `The browser sent ${subject.name}. ` : '';
}

function trigger({ exchanges }: Facts, flowId: string | undefined): string {
  const by = flowId === undefined ? undefined : exchanges.find((one) => one.flowId === flowId);
  return by === undefined ? '' : `, which ${nameOf(by)} triggered`;
}

function shown(_facts: Facts, loss: Loss): Evidence[] {
  return 'in' in loss ? [requestOf(loss.in, `${nameOf(loss.in)} was not accepted`)] : [];
}
