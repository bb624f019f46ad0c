import { appendFileSync, renameSync, statSync } from 'node:fs';
import { Caller, type CallerPorts, inputLine, type ToolReply, type Wants } from '../agents/caller.ts';
import type { AgentCall, AgentInfo } from '../model/agent.ts';
import { problem } from '../model/problem.ts';
import { visible } from '../model/visible.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Gate } from './gate.ts';
import { SETTING } from './settings.ts';

/** How a client introduces itself. */
export interface Introduction extends Wants {
  readonly client: string;
  readonly version: string;
  /** Clients that `--allow` names: they need no word of the user where there is no window. */
  readonly allow: readonly string[];
}

/** One connected client. */
export interface AgentLink {
  call(tool: string, input: unknown): Promise<ToolReply>;
  close(): void;
  /** Its engine was closed: join another one. */
  isOver(): boolean;
}

export interface AgentServiceOptions extends Omit<CallerPorts, 'handlers'> {
  readonly gate: Gate;
  readonly settings: Pick<Workspace['settings'], 'get' | 'set'>;
  /** There is a window in which the user can decide. */
  readonly window: boolean;
  /** The audit log: a line of JSON for each call. */
  readonly logFile: string;
  readonly log: (line: string) => void;
  readonly onChange: (agents: readonly AgentInfo[]) => void;
  /** How long a call waits for the user's decision, in milliseconds. */
  readonly patience?: number;
}

interface Agent {
  info: AgentInfo;
  readonly caller: Caller;
  /** Calls that wait for the user's decision. */
  readonly waiting: Set<() => void>;
}

const PATIENCE_MS = 25_000;
const MOST_CALLS = 100;
const MOST_AGENTS = 50;
const MOST_LOG_BYTES = 5_000_000;

/** The agents that use the debugger: consent, what they did, and how they are stopped. */
export class AgentService {
  readonly #options: AgentServiceOptions;
  readonly #agents = new Map<string, Agent>();
  #count = 0;
  #closed = false;

  constructor(options: AgentServiceOptions) {
    this.#options = options;
  }

  close(): void {
    this.#closed = true;
    for (const { waiting } of this.#agents.values()) for (const go of waiting) go();
  }

  /** Newest first. */
  list(): AgentInfo[] {
    return [...this.#agents.values()].map(({ info }) => info).reverse();
  }

  connect({ client, version, writes, secrets, allow }: Introduction): AgentLink {
    const wants = { writes, secrets };
    const agentId = `agent-${(this.#count += 1)}`;
    const name = visible(client).slice(0, 100) || 'unnamed client';
    const known = this.#options.window ? this.#isRemembered(name, wants) : allow.includes(client);
    const { gate, subscribe, clock } = this.#options;
    const handlers = gate({ name: `agent ${name}`, consent: writes });
    const agent: Agent = {
      info: {
        agentId,
        client: name,
        version: visible(version).slice(0, 40),
        state: known ? 'allowed' : 'waiting',
        wants,
        since: clock(),
        calls: [],
      },
      caller: new Caller({ handlers, subscribe, clock }, wants),
      waiting: new Set(),
    };
    this.#agents.set(agentId, agent);
    this.#forgetOld();
    this.#changed();
    return {
      call: (tool, input) => this.#call(agent, tool, input),
      isOver: () => this.#closed,
      close: () => {
        if (agent.info.state === 'allowed' || agent.info.state === 'waiting') this.#set(agent, { state: 'gone' });
      },
    };
  }

  /** @throws ProblemError `not-found` */
  decide(agentId: string, allow: boolean, remember: boolean): void {
    const agent = this.#need(agentId);
    if (allow && remember) this.#remember(agent.info.client, agent.info.wants);
    if (!allow) this.#forget(agent.info.client);
    this.#set(agent, { state: allow ? 'allowed' : 'refused' });
    for (const go of agent.waiting) go();
  }

  /** Ends what an agent may do from now on; it has to be allowed again. @throws ProblemError `not-found` */
  stop(agentId: string): void {
    const agent = this.#need(agentId);
    this.#forget(agent.info.client);
    this.#set(agent, { state: 'stopped' });
    for (const go of agent.waiting) go();
  }

  async #call(agent: Agent, tool: string, input: unknown): Promise<ToolReply> {
    const at = this.#options.clock();
    await this.#decided(agent);
    const before = this.#denied(agent);
    let reply = before ?? (await agent.caller.call(tool, input));
    // Stopped meanwhile: what was found out is not handed over.
    if (reply.ok) reply = this.#denied(agent) ?? reply;
    const call: AgentCall = {
      at,
      tool,
      input: inputLine(input),
      outcome: reply.ok ? 'done' : reply.refused ? 'refused' : 'failed',
      ...(reply.ok ? {} : { reason: reply.problem.message }),
      tookMs: this.#options.clock() - at,
    };
    this.#set(agent, { calls: [call, ...agent.info.calls].slice(0, MOST_CALLS) });
    this.#write(agent.info, call);
    return reply;
  }

  /** Returns when the user has decided, or after a while. */
  async #decided({ info, waiting }: Agent): Promise<void> {
    if (info.state !== 'waiting' || !this.#options.window) return;
    await new Promise<void>((done) => {
      const go = () => {
        clearTimeout(timer);
        waiting.delete(go);
        done();
      };
      const timer = setTimeout(go, this.#options.patience ?? PATIENCE_MS);
      waiting.add(go);
    });
  }

  #denied({ info: { state, client } }: Agent): Extract<ToolReply, { ok: false }> | undefined {
    const no = (message: string, remedy: string) =>
      ({ ok: false, refused: true, problem: { message, remedy } }) as const;
    switch (state) {
      case 'waiting':
        return this.#options.window
          ? no(
              `The user has not yet allowed ${client} to use Sessionscope`,
              'Let the user decide in the window (Agents), then call again.',
            )
          : no(
              `${client} may not use Sessionscope yet`,
              `Let the user add --allow ${JSON.stringify(client)} to the arguments of sessionscope mcp.`,
            );
      case 'refused':
        return no(
          'The user does not want this client to use Sessionscope',
          'Respect the decision; the user can change it in the window.',
        );
      case 'stopped':
        return no('The user has stopped this client', 'Stop here; the user can start it again.');
      default:
        return undefined;
    }
  }

  #write({ client, wants }: AgentInfo, call: AgentCall): void {
    const { logFile, log } = this.#options;
    try {
      if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > MOST_LOG_BYTES)
        renameSync(logFile, `${logFile}.1`);
      const line = { ...call, at: new Date(call.at).toISOString(), client, ...wants };
      appendFileSync(logFile, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    } catch (error) {
      log(`the log of agents cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #set(agent: Agent, change: Partial<AgentInfo>): void {
    agent.info = { ...agent.info, ...change };
    this.#changed();
  }

  #changed(): void {
    this.#options.onChange(this.list());
  }

  #need(agentId: string): Agent {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) throw problem('not-found', 'That agent is not connected any more');
    return agent;
  }

  #forgetOld(): void {
    for (const [id, { info }] of this.#agents) {
      if (this.#agents.size <= MOST_AGENTS) return;
      if (info.state !== 'allowed' && info.state !== 'waiting') this.#agents.delete(id);
    }
  }

  #consents(): Readonly<Record<string, Wants>> {
    const saved = this.#options.settings.get(SETTING.agents);
    return typeof saved === 'object' && saved !== null ? (saved as Record<string, Wants>) : {};
  }

  #isRemembered(client: string, wants: Wants): boolean {
    const consents = this.#consents();
    const given = Object.hasOwn(consents, client) ? consents[client] : undefined;
    return given !== undefined && (given.writes || !wants.writes) && (given.secrets || !wants.secrets);
  }

  #remember(client: string, wants: Wants): void {
    this.#options.settings.set(SETTING.agents, { ...this.#consents(), [client]: wants });
  }

  #forget(client: string): void {
    const { [client]: _, ...rest } = this.#consents();
    this.#options.settings.set(SETTING.agents, rest);
  }
}
