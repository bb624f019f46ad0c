import * as z from 'zod/mini';
import type { AgentInfo } from '../../model/agent.ts';
import { operation } from '../operation.ts';
import { done, listOf, nothing, shortText } from '../shapes.ts';

/** Agents and other programs that use the debugger through `sessionscope mcp`. */
export const agents = {
  'agents.list': operation({
    sentence: 'Lists the agents that are or were connected, with what they did, newest first.',
    marks: ['reads'],
    request: nothing,
    reply: z.object({ agents: listOf<AgentInfo>() }),
  }),
  /** `remember`: the client need not ask again for the same. */
  'agent.decide': operation({
    sentence: 'Allows or refuses an agent that wants to use the debugger.',
    marks: ['writes', 'idempotent'],
    undo: { by: 'agent.stop' },
    request: z.strictObject({ agentId: shortText, allow: z.boolean(), remember: z.boolean() }),
    reply: done,
  }),
  'agent.stop': operation({
    sentence: 'Stops an agent; it has to be allowed again.',
    marks: ['writes', 'idempotent'],
    undo: { by: 'agent.decide' },
    request: z.strictObject({ agentId: shortText }),
    reply: done,
  }),
} as const;
