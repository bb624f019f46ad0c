/** An agent or another program that uses the debugger through `sessionscope mcp`, as the window shows it. */
export interface AgentInfo {
  readonly agentId: string;
  /** As the client names itself. */
  readonly client: string;
  readonly version: string;
  /**
   * `waiting`: the user has not decided yet; `allowed`; `refused` and `stopped`: by the user; `gone`: it disconnected.
   */
  readonly state: 'waiting' | 'allowed' | 'refused' | 'stopped' | 'gone';
  /** It was started with `--allow-writes`, with `--secrets`. */
  readonly wants: { readonly writes: boolean; readonly secrets: boolean };
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Newest first, at most a hundred. */
  readonly calls: readonly AgentCall[];
}

/** One call of an agent. */
export interface AgentCall {
  readonly at: number;
  readonly tool: string;
  /** The arguments as JSON, masked and cut. */
  readonly input: string;
  readonly outcome: 'done' | 'refused' | 'failed';
  /** Why it was refused or failed. */
  readonly reason?: string;
  readonly tookMs: number;
}
