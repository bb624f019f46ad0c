import { toProblem } from '../../../model/problem.ts';
import type { LabContext } from '../context.ts';
import { doesNotHold, type Finding } from '../experiment.ts';

/**
 * Logs in with a browser that has this session cookie already. Where the login leaves the cookie as it was and the id is
 * a logged in session then, whoever knew the id before the login is logged in too (session fixation).
 * @returns the finding, or what was asked, in words
 */
export async function adoptionAtLogin(
  lab: LabContext,
  what: string,
  raw: string,
): Promise<{ readonly finding?: Finding; readonly sentence: string; readonly asked: boolean }> {
  if (lab.ports.renew === undefined) {
    return { sentence: 'Whether a login adopts one was not asked: the run has no login of its own.', asked: false };
  }
  const before = await lab.ask({ title: `${what}, before the login`, cookie: raw });
  if (before.outcome !== 'refused') {
    return { sentence: `${what} could not be judged before a login: ${before.judgement.because}.`, asked: false };
  }
  let login: Awaited<ReturnType<LabContext['logIn']>>;
  try {
    login = await lab.logIn({ cookie: raw });
  } catch (error) {
    // Nobody can be logged in with it then: the login itself refuses the id.
    if (lab.ports.signal?.aborted === true) throw error;
    return { sentence: `A login of a browser that has one fails: ${toProblem(error).message}.`, asked: true };
  }
  const after = await lab.ask({
    title: `${what}, after a login of a browser that had it`,
    cookie: raw,
    others: login.others,
  });
  if (after.outcome === 'accepted') {
    return {
      finding: doesNotHold(
        lab.contrast(after, before),
        `${what} is adopted by a login: whoever knew the id before is logged in with it then (session fixation).`,
      ),
      sentence: '',
      asked: true,
    };
  }
  if (after.outcome !== 'refused') {
    return { sentence: `${what} could not be judged after a login: ${after.judgement.because}.`, asked: false };
  }
  if (login.raw === raw) {
    return { sentence: 'A login left the id as it was, but it is refused then.', asked: true };
  }
  return { sentence: `${what} is not adopted by a login: that gives another one.`, asked: true };
}
