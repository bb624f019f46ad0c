import type { Certainty, Diagnosis, NamedCause } from '../model/diagnosis.ts';
import { findAlarms } from './alarms.ts';
import type { Cause } from './cause.ts';
import { CAUSES } from './causes.ts';
import { nameOf } from './evidence.ts';
import type { Facts } from './facts.ts';
import { findLoginLoss, findLoop, findLoss, type Loss } from './loss.ts';

const ORDER: readonly Certainty[] = ['certain', 'likely', 'possible'];

/** Explains why a request asked for a login or was refused where no session is known that it belongs to. Pure. */
export function diagnoseLogin(facts: Facts, flowId: string, causes: readonly Cause[] = CAUSES): Diagnosis {
  const at = facts.exchanges.find((one) => one.flowId === flowId);
  const loss = at === undefined ? undefined : findLoginLoss(facts.exchanges, at);
  if (loss !== undefined) return explained(facts, loss, causes, []);
  return {
    loss: null,
    answer: 'No session is known that this request belongs to: nobody had logged in there before.',
    causes: [],
    alarms: [],
  };
}

/** Explains the end of a session from facts. Pure; the same facts give the same answer. */
export function diagnose(facts: Facts, causes: readonly Cause[] = CAUSES): Diagnosis {
  const alarms = findAlarms(facts);
  const loss = findLoss(facts) ?? loopOf(facts);
  if (loss === undefined) {
    return {
      loss: null,
      answer: 'Nothing was seen to end this session: it was accepted when it was last used.',
      causes: [],
      alarms,
    };
  }
  return explained(facts, loss, causes, alarms);
}

function explained(facts: Facts, loss: Loss, causes: readonly Cause[], alarms: Diagnosis['alarms']): Diagnosis {
  const named = causes
    .flatMap(({ id, title, why, remedy, nothingLost, explain }): NamedCause[] => {
      const found = explain(facts, loss);
      return found === undefined ? [] : [{ id, title, why, remedy, ...(nothingLost ? { nothingLost } : {}), ...found }];
    })
    .map((cause, index) => ({ cause, index }))
    .sort((a, b) => rank(a.cause) - rank(b.cause) || a.index - b.index)
    .map(({ cause }) => cause);
  return { loss: shown(loss), answer: answerOf(named, loss), causes: named, alarms };
}

function rank({ certainty }: NamedCause): number {
  return ORDER.indexOf(certainty);
}

function loopOf(facts: Facts): Loss | undefined {
  const loop = findLoop(facts.exchanges);
  return loop === undefined ? undefined : { kind: 'loop', at: loop.at, in: loop, lastGood: undefined };
}

function shown(loss: Loss): NonNullable<Diagnosis['loss']> {
  const flowId = 'in' in loss ? loss.in.flowId : loss.record.flowId;
  return { kind: loss.kind, at: loss.at, ...(flowId === undefined ? {} : { flowId }) };
}

function answerOf(causes: readonly NamedCause[], loss: Loss): string {
  const [first] = causes;
  if (first?.certainty === 'certain') return first.sentence;
  if (first?.certainty === 'likely') return `Most likely: ${first.sentence}`;
  const seen = 'in' in loss ? `It shows at ${nameOf(loss.in)}.` : 'It shows in the store.';
  if (first === undefined) return `Why it ended cannot be told from what was seen. ${seen}`;
  const missing = first.missing?.join('; ') ?? '';
  return `Why it ended cannot be told for certain. ${first.sentence}${missing === '' ? '' : ` Missing: ${missing}.`}`;
}
