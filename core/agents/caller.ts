import type { EventName, Handlers } from '../bridge/contract.ts';
import { type Problem, problem, toProblem } from '../model/problem.ts';
import { maskText } from '../secrets/mask.ts';
import { knownSecrets, maskAnswer, showAnswer } from './boundary.ts';
import { fitted, MOST_TOKENS, USUAL_TOKENS } from './fit.ts';
import { resolveReferences } from './references.ts';
import { declaredOf, needsWrites, type ToolPorts } from './tool.ts';
import { TOOLS } from './tools.ts';

export interface CallerPorts {
  readonly handlers: Handlers;
  subscribe(listener: (name: EventName, event: unknown) => void): () => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface Wants {
  readonly writes: boolean;
  readonly secrets: boolean;
}

/** What a call comes to. */
export type ToolReply =
  | { readonly ok: true; readonly answer: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly refused: boolean; readonly problem: Pick<Problem, 'message' | 'remedy'> };

/** Longest text of arguments that the log of calls keeps. */
const MOST_INPUT = 300;

/**
 * One client's way to the engine, and the boundary that everything crosses: arguments are checked, references become
 * values, writing needs `--allow-writes`, answers are masked and cut to size.
 */
export class Caller {
  readonly #ports: ToolPorts;
  readonly #secrets: boolean;

  constructor(ports: CallerPorts, wants: Wants) {
    this.#ports = { ...ports, writes: wants.writes, plans: new Map() };
    this.#secrets = wants.secrets;
  }

  /** Never rejects. */
  async call(name: string, given: unknown): Promise<ToolReply> {
    try {
      return { ok: true, answer: await this.#carryOut(name, given) };
    } catch (error) {
      const { kind, message, remedy } = toProblem(error);
      const refused = kind === 'needs-confirmation' || kind === 'bad-request' || kind === 'unknown-method';
      // A message may quote what came from outside.
      return {
        ok: false,
        refused,
        problem: { message: this.#shown(message), ...(remedy === undefined ? {} : { remedy: this.#shown(remedy) }) },
      };
    }
  }

  async #carryOut(name: string, given: unknown): Promise<Record<string, unknown>> {
    const tool = TOOLS.find((one) => one.name === name);
    if (tool === undefined) {
      throw problem('unknown-method', `There is no tool ${name}`, {
        remedy: `There are: ${TOOLS.map((one) => one.name).join(', ')}.`,
      });
    }
    if (needsWrites(tool) && !this.#ports.writes) {
      throw problem('needs-confirmation', `${name} changes what the application keeps, which is not allowed here`, {
        remedy: 'Let the user start sessionscope mcp with --allow-writes.',
      });
    }
    const { max_tokens: wanted, ...rest } = (given ?? {}) as Record<string, unknown>;
    const { handlers } = this.#ports;
    const parsed = tool.input.safeParse(await resolveReferences(rest, handlers));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw problem(
        'bad-request',
        `${name}: ${issue?.path.join('.') || 'the arguments'}: ${issue?.message ?? 'not as expected'}`,
        {
          remedy: 'The schema of the tool says what it takes.',
        },
      );
    }
    const answer = await tool.run(parsed.data, { ...this.#ports, handlers: declaredOf(tool, handlers) });
    const tokens = typeof wanted === 'number' && wanted > 0 ? Math.min(wanted, MOST_TOKENS) : USUAL_TOKENS;
    if (this.#secrets) return fitted(showAnswer(answer), tokens);
    const { sessions } = await handlers['sessions.list']({});
    return fitted(maskAnswer(answer, knownSecrets(sessions)), tokens);
  }

  #shown(text: string): string {
    return (this.#secrets ? text : maskText(text)).slice(0, 1_000);
  }
}

/** Arguments for the log of calls: masked, on one line. */
export function inputLine(given: unknown): string {
  const line = maskText(JSON.stringify(given ?? {}) ?? '{}');
  return line.length > MOST_INPUT ? `${line.slice(0, MOST_INPUT)}…` : line;
}
