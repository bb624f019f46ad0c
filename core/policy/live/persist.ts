import { isTrouble } from '../judge/judge.ts';
import type { Answer, Ask } from './ports.ts';

/** What repeating a request needs. */
export interface PersistPorts {
  /** Brings the situation about and sends the request. */
  readonly attempt: (ask: Ask) => Promise<Answer>;
  /** The same request without any cause: with the session, or as a visitor who has none. */
  readonly control: (kind: NonNullable<Ask['control']>) => Promise<Answer>;
  /** Learns more of how responses look, and judges this one again. */
  readonly judgeAgain: (answer: Answer) => Promise<Answer>;
  readonly wait: (ms: number) => Promise<void>;
  /** Errors were seen that did not repeat. */
  readonly isUnsteady: () => boolean;
  readonly unsteady: (what: string) => void;
  /** Milliseconds that may still be waited for rate limits in this run. */
  readonly takeWaiting: (ms: number) => boolean;
}

/** A server error is the cause's doing when it came so often while each control between was answered. */
const ERRORS = 4;
/** The same where errors are known to come by chance: all but one of four million then. */
const ERRORS_WHEN_UNSTEADY = 8;
const MOST_ATTEMPTS = 30;
const LEAST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 20_000;

/**
 * Repeats a request until its response can be relied on. Server errors and rate limits are repeated with a control
 * between: what does not repeat is noted as unsteady; what repeats while the controls are fine is the cause's doing.
 * A refusal that looks like none that was learnt must repeat too.
 */
export async function askUntilClear(ask: Ask, ports: PersistPorts): Promise<Answer> {
  let errors = 0;
  let unanswered = 0;
  let unlearnt = 0;
  let waited = 0;
  let judgedAgain = false;
  let trouble: string | undefined;
  for (let attempts = 1; ; attempts++) {
    let answer = await ports.attempt(ask);
    const { status, retryAfter } = answer.observation;
    if (isTrouble(status)) {
      trouble ??= String(status);
      if (attempts >= MOST_ATTEMPTS) return undecided(answer, `It was answered with ${status} each time`);
      if (status === 429 || (status === 503 && retryAfter !== undefined)) {
        const ms = Math.max(LEAST_WAIT_MS * 2 ** waited++, (retryAfter ?? 0) * 1000);
        if (ms > LONGEST_WAIT_MS || !ports.takeWaiting(ms)) {
          return undecided(
            answer,
            `The application limits the rate of requests (${status}), for longer than is waited`,
          );
        }
        await ports.wait(ms);
        continue;
      }
      const control = await ports.control(ask.control ?? 'session');
      if (isTrouble(control.observation.status)) {
        ports.unsteady(`A control was answered with ${control.observation.status}`);
        await ports.wait(LEAST_WAIT_MS);
        continue;
      }
      errors += 1;
      if (errors < (ports.isUnsteady() ? ERRORS_WHEN_UNSTEADY : ERRORS)) continue;
      return {
        ...answer,
        outcome: 'refused',
        failed: true,
        judgement: {
          judged: 'error',
          because: `It was answered with ${status} ${errors} times, and each control between was not`,
        },
      };
    }
    if (trouble !== undefined) {
      ports.unsteady(`"${ask.title}" was answered with ${trouble} and, asked again, with ${status}`);
      trouble = undefined;
    }
    if (ask.unjudged === true) return answer;
    if (answer.outcome === 'no-answer') {
      unanswered += 1;
      if (unanswered === 3) return answer;
      await ports.control(ask.control ?? 'session');
      continue;
    }
    if (answer.outcome === 'unclear' && !judgedAgain) {
      judgedAgain = true;
      answer = await ports.judgeAgain(answer);
      if (answer.outcome === 'unclear') continue;
    }
    if (answer.outcome === 'refused' && answer.judgement.unlearnt === true) {
      const control = await ports.control(ask.control ?? 'session');
      const sound = ask.control === 'visitor' || control.outcome === 'accepted';
      unlearnt += 1;
      if (sound && unlearnt >= 2) return answer;
      if (unlearnt >= 6) return undecided(answer, 'It is refused, and so is the control');
      await ports.wait(LEAST_WAIT_MS);
      continue;
    }
    return answer;
  }
}

function undecided(answer: Answer, because: string): Answer {
  return { ...answer, outcome: 'unclear', judgement: { judged: 'unclear', because } };
}
