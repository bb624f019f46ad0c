import type * as z from 'zod';
import type { EventName, Handlers } from '../bridge/contract.ts';
import { type Method, operations } from '../bridge/contract.ts';
import { changes, type Marks, needsConsent } from '../bridge/operation.ts';

/** What a tool works with: the engine through its operation table, and what the boundary knows of the caller. */
export interface ToolPorts {
  readonly handlers: Handlers;
  subscribe(listener: (name: EventName, event: unknown) => void): () => void;
  /** Started with `--allow-writes`. */
  readonly writes: boolean;
  /** Plans that this client was shown and has not carried out yet, by the word that confirms them. */
  readonly plans: Map<string, string>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** What a tool answers, before it is masked and cut to size. */
export interface Answer {
  /** What the debugger itself says: no text of applications stands here. */
  readonly said: Readonly<Record<string, unknown>>;
  /** What came from traffic, from stores and from applications. */
  readonly outside?: Readonly<Record<string, unknown>>;
  /** A page of a longer list, from outside as well. */
  readonly page?: { readonly items: readonly unknown[]; readonly offset: number; readonly total: number };
}

/** One tool for agents, made of operations of the bridge. */
export interface Tool<Input extends z.ZodType = z.ZodType> {
  /** In snake_case. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** What it carries out: the marks of these decide what may call it and how it is announced. */
  readonly operations: readonly Method[];
  readonly input: Input;
  run(input: z.infer<Input>, ports: ToolPorts): Promise<Answer>;
}

/** Gives the tool back; its input is typed by its schema. */
export function tool<Input extends z.ZodType>(line: Tool<Input>): Tool {
  return line as unknown as Tool;
}

/** Whether a tool needs `--allow-writes`: one of its operations needs the user's consent. */
export function needsWrites({ operations: methods }: Tool): boolean {
  return methods.some((method) => needsConsent(operations[method].marks));
}

/** The operations that a tool declares, and no other: what it does not announce it cannot carry out. */
export function declaredOf({ name, operations: methods }: Tool, handlers: Handlers): Handlers {
  return new Proxy(handlers, {
    get(target, method) {
      if (methods.some((declared) => declared === method)) return target[method as Method];
      throw new Error(`the tool ${name} does not declare ${String(method)}`);
    },
  });
}

/** The annotations of the protocol, from the marks of the operations. */
export function annotationsOf({ title, operations: methods }: Tool) {
  const marks = methods.map((method): Marks => operations[method].marks);
  const reads = !marks.some(changes);
  return {
    title,
    readOnlyHint: reads,
    destructiveHint: marks.some(([effect]) => effect === 'destroys'),
    idempotentHint: reads || marks.every((line) => !changes(line) || line.some((mark) => mark === 'idempotent')),
    // Each answer may hold what applications said.
    openWorldHint: true,
  };
}
