import { type Handlers, type Method, operations } from '../bridge/contract.ts';
import { changes, type Marks, needsConsent } from '../bridge/operation.ts';
import { problem, toProblem } from '../model/problem.ts';
import type { Audit, AuditLine } from './audit.ts';

export interface GatePorts {
  /** Brings everything that was seen of the traffic into the state that handlers read. */
  readonly settle: () => void;
  /** Returns when what was changed in the workspace is saved; throws the reason when it cannot be. */
  readonly confirmSaved: () => void;
  /** Records every change that is called for, carried out or not. */
  readonly audit: Audit;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Who calls. */
export interface GateCaller {
  /** As the audit names it. */
  readonly name: string;
  /**
   * Whether the user consents to what destroys or changes what applications store. The user who works with a window has
   * decided by the act itself; the window asks where an act is final.
   */
  readonly consent: boolean;
}

export type Gate = (caller: GateCaller) => Handlers;

/** Members of requests and replies that name what an operation was about and identify no user. */
const ABOUT = ['editId', 'runId', 'ruleId', 'storeId', 'agentId', 'taskId', 'flowId', 'sessionKey'];

/**
 * The one place that every call passes, whoever makes it, and where the marks of the operation table take effect:
 * reading waits for pending traffic; what destroys or changes applications needs consent; every change leaves a line in
 * the audit; nothing is acknowledged as saved that is not.
 */
export function gateOf(handlers: Handlers, ports: GatePorts): Gate {
  return (caller) => {
    const gated = (Object.keys(handlers) as Method[]).map((method) => {
      const handler = handlers[method] as (request: unknown) => Promise<unknown>;
      return [method, passingGate(method, handler, caller, ports)] as const;
    });
    return Object.fromEntries(gated) as Record<Method, (request: unknown) => Promise<unknown>> as Handlers;
  };
}

/** One operation behind the gate: for callers that carry it out without an engine, as commands do. */
export function passingGate<Request, Reply>(
  method: Method,
  handler: (request: Request) => Promise<Reply>,
  caller: GateCaller,
  { settle, confirmSaved, audit, clock }: GatePorts,
): (request: Request) => Promise<Reply> {
  const marks: Marks = operations[method].marks;
  const saves = marks.some((mark) => mark === 'saved');
  const carryOut = async (request: Request): Promise<Reply> => {
    settle();
    const reply = await handler(request);
    if (saves) confirmSaved();
    return reply;
  };
  if (!changes(marks)) return carryOut;
  return async (request: Request): Promise<Reply> => {
    const note = (rest: Pick<AuditLine, 'outcome' | 'problem' | 'about'>): void =>
      audit({ at: clock(), caller: caller.name, operation: method, ...rest });
    if (needsConsent(marks) && !caller.consent) {
      note({ outcome: 'refused', problem: 'needs-confirmation', about: about(request) });
      throw problem('needs-confirmation', `${caller.name} may not call ${method}: the user did not allow changes`, {
        remedy: 'Let the user allow it to write.',
      });
    }
    try {
      const reply = await carryOut(request);
      note({ outcome: 'done', about: { ...about(request), ...about(reply) } });
      return reply;
    } catch (error) {
      note({ outcome: 'failed', problem: toProblem(error).kind, about: about(request) });
      throw error;
    }
  };
}

function about(message: unknown): Record<string, string> {
  if (typeof message !== 'object' || message === null) return {};
  const members = message as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    ABOUT.flatMap((name) => {
      const value = Object.hasOwn(members, name) ? members[name] : undefined;
      return typeof value === 'string' && value.length <= 100 ? [[name, value]] : [];
    }),
  );
}
