import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, type Finding, holds } from '../experiment.ts';
import type { Answer, Ask } from '../ports.ts';
import { fromAddress, listed } from './addresses.ts';

interface Tried {
  readonly address: string;
  readonly answer: Answer;
  /** A visitor without any cookie from the same address. */
  readonly visitor: Answer;
}

/** The same session from other addresses of this computer. */
export const addressChange: Experiment = {
  meta: {
    id: 'address-change',
    severity: 'low',
    mend: 'Compare the address of the login where the policy asks for it.',
    title: 'A session from another address is treated as the policy says',
    why: 'A cookie that was stolen is used from elsewhere; a telephone changes its address all the time.',
    cause: 'The request comes from another address.',
    act: 'The verification request with the cookie of the session.',
    control: 'The same request from the own address; and a visitor without any cookie from the other one.',
    needs: ['request'],
    writes: true,
    wstg: ['WSTG-v42-SESS-09'],
    // ASVS 5.0 has no requirement on the visitor's address.
    asvs: [],
  },
  worksBlind: true,
  async run(lab) {
    const tried: Tried[] = [];
    let own = lab.canTell ? await lab.control('Control: the session from its own address') : await plain(lab);
    for (const address of lab.settings.addresses) {
      const from = fromAddress(lab, address);
      if (from === undefined) continue;
      const visitor = await lab.ask({
        title: `A visitor without any cookie from ${address}`,
        cookie: null,
        others: 'none',
        control: 'visitor',
        ...(lab.canTell ? {} : { unjudged: true }),
        ...from,
      });
      if (visitor.outcome === 'no-answer') continue;
      const ask: Ask = {
        title: `The same session from ${address}`,
        ...from,
        ...(lab.hasRecord ? { prepare: () => lab.setRecord(0) } : {}),
      };
      tried.push({ address, ...(await judged(lab, ask, own, visitor)) });
    }
    if (lab.canTell) own = await lab.control('Control: the session from its own address, again');
    return verdict(lab, own, tried);
  },
};

async function plain(lab: LabContext): Promise<Answer> {
  return await lab.ask({ title: 'The session from its own address', unjudged: true });
}

/** Where the own address tells nothing, what a visitor without any cookie gets from the other one does. */
async function judged(lab: LabContext, ask: Ask, own: Answer, visitor: Answer): Promise<Omit<Tried, 'address'>> {
  if (lab.canTell) return { answer: await lab.ask(ask), visitor };
  const again = await plain(lab);
  const judge = lab.judgeFrom([own, again], [visitor]);
  const answer = await lab.ask({ ...ask, unjudged: true });
  const judgement = judge.contentDiffers
    ? judge.judge(answer.observation)
    : ({ judged: 'unclear', because: lab.blind ?? '' } as const);
  const outcome = judgement.judged === 'accepted' || judgement.judged === 'refused' ? judgement.judged : 'unclear';
  return {
    answer: { ...answer, judgement, outcome },
    visitor: { ...visitor, outcome: judge.contentDiffers ? 'refused' : 'unclear' },
  };
}

function verdict(lab: LabContext, own: Answer, tried: readonly Tried[]): Finding {
  const of = (outcome: Answer['outcome']) => tried.filter(({ answer }) => answer.outcome === outcome);
  const names = (some: readonly Tried[]) => listed(some.map(({ address }) => address));
  const [accepted, refused, unclear] = [of('accepted'), of('refused'), of('unclear')];
  if (accepted.length + refused.length + unclear.length === 0) {
    return cannotTell(
      'The application could not be reached from any other address of this computer. Name further ones under addresses.',
    );
  }
  const seen = new Set(tried.map(({ answer }) => lab.facts(answer.after).ip).filter((ip) => ip != null));
  const hidden =
    accepted.length > 1 && seen.size === 1
      ? ` The record says ${[...seen][0]} each time: something in between hides the visitor's address.`
      : '';
  const [yes] = accepted;
  const [no] = refused;
  const undecided = () => {
    const [one] = unclear;
    return cannotTell(
      `The response from ${names(unclear)} could not be judged: ${(one?.answer.judgement.because ?? '').replace(/\.$/, '')}.`,
    );
  };
  if (lab.settings.addressMayChange) {
    if (no !== undefined) {
      return doesNotHold(lab.contrast(no.answer, own), `From ${names(refused)} the session is refused.`);
    }
    if (unclear.length > 0 || yes === undefined) return undecided();
    return holds(lab.contrast(yes.answer, yes.visitor), `From ${names(accepted)} the session goes on.${hidden}`);
  }
  if (yes !== undefined) {
    return doesNotHold(
      lab.contrast(yes.answer, yes.visitor),
      `From ${names(accepted)} the session is accepted.${hidden}`,
    );
  }
  if (unclear.length > 0 || no === undefined) return undecided();
  return holds(lab.contrast(no.answer, own), `From ${names(refused)} the session is refused.`);
}
