import type { Flow } from '../model/flow.ts';
import { problem } from '../model/problem.ts';
import { Judge, type Judged } from './judge/judge.ts';
import type { Observation } from './judge/observation.ts';

export interface ProvePorts {
  /** Sends the request with only these cookies (by name) and reads the answer. */
  readonly send: (keep: ReadonlySet<string>) => Promise<Observation>;
  /** After each request, for progress. */
  readonly progress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

export interface ProvedCookie {
  readonly name: string;
  /** What the application did without this cookie alone. */
  readonly without: Exclude<Judged, 'contradiction'>;
  readonly flowId: string;
  /** It belongs to the smallest set that keeps the login. */
  readonly needed: boolean;
}

export interface Proof {
  readonly cookies: readonly ProvedCookie[];
  /** The smallest set that keeps the login; empty when it could not be told. */
  readonly needed: readonly string[];
  readonly sentence: string;
  readonly signs: readonly string[];
  readonly requests: number;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Requests of these methods change nothing (RFC 9110 section 9.2.1) and may be repeated without asking. */
export function isSafeToRepeat(flow: Flow): boolean {
  return SAFE.has(flow.request.method.toUpperCase());
}

/**
 * Which of a request's cookies keep the login? Sends the request with all of them and with none (twice each, to learn
 * what changes anyway), then without each one, and then drops one after another for good as long as the login stays.
 * `names` in the order in which they should be dropped: the least likely session cookie first.
 * @throws ProblemError `cancelled`
 */
export async function proveIt(names: readonly string[], ports: ProvePorts): Promise<Proof> {
  let requests = 0;
  const send = async (keep: readonly string[]): Promise<Observation> => {
    if (ports.signal?.aborted === true) throw problem('cancelled', 'The proof was cancelled');
    const observation = await ports.send(new Set(keep));
    requests += 1;
    ports.progress?.(requests);
    return observation;
  };
  const judge = new Judge([await send(names), await send(names)], [await send([]), await send([])]);
  if (!judge.canTell) {
    return {
      cookies: [],
      needed: [],
      sentence: 'The answer looks the same with and without cookies: choose a request that needs the login.',
      signs: [],
      requests,
    };
  }
  const alone: Omit<ProvedCookie, 'needed'>[] = [];
  for (const name of names) {
    const observation = await send(names.filter((other) => other !== name));
    const { judged } = judge.judge(observation);
    alone.push({ name, without: judged === 'contradiction' ? 'unclear' : judged, flowId: observation.flowId });
  }
  // A cookie that is needed in each other's absence only (two that carry the same login) shows in the second pass.
  let kept = [...names];
  for (const name of names) {
    const fewer = kept.filter((other) => other !== name);
    const single = alone.find((one) => one.name === name)?.without;
    if (single !== 'accepted') continue;
    if (judge.judge(await send(fewer)).judged === 'accepted') kept = fewer;
  }
  const sure = judge.judge(await send(kept)).judged === 'accepted';
  const needed = sure ? kept : [];
  return {
    cookies: alone.map((one) => ({ ...one, needed: needed.includes(one.name) })),
    needed,
    sentence: sentence(needed, names.length, sure),
    signs: judge.signs,
    requests,
  };
}

function sentence(needed: readonly string[], all: number, sure: boolean): string {
  if (!sure) return 'The answers contradict each other: the application may have ended the session meanwhile.';
  const others = all - needed.length;
  const rest =
    others === 0 ? '' : others === 1 ? '; the other one does not matter' : `; the other ${others} do not matter`;
  const keeps =
    needed.length === 1 ? `${needed[0]} alone keeps the login` : `${needed.join(' and ')} together keep the login`;
  return `${keeps}${rest}.`;
}
