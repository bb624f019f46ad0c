import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { OPERATIONS_OF } from '../../cli/operations.ts';
import { commandTree } from '../../cli/program.ts';
import { TOOLS } from '../../core/agents/tools.ts';
import { type Method, operations } from '../../core/bridge/contract.ts';
import { changes } from '../../core/bridge/operation.ts';
import { operationsPage } from '../../scripts/operations-page.ts';

/* What commands, tools and the page of the documents have in common with the operation table. */

const leaves = async (): Promise<Map<string, Command>> => {
  const found = new Map<string, Command>();
  const walk = (command: Command, name: string): void => {
    if (command.commands.length === 0) found.set(name, command);
    for (const inner of command.commands) walk(inner, `${name} ${inner.name()}`.trim());
  };
  walk(await commandTree({ version: '0', pageFolder: '' }), '');
  return found;
};

describe('the commands', () => {
  it('each says of which operations of the table it is made, or why of none', async () => {
    expect([...(await leaves()).keys()].sort()).toEqual(Object.keys(OPERATIONS_OF).sort());
    for (const [name, methods] of Object.entries(OPERATIONS_OF)) {
      if (typeof methods === 'string') expect(methods.length, name).toBeGreaterThan(10);
      else for (const method of methods) expect(Object.hasOwn(operations, method), `${name}: ${method}`).toBe(true);
    }
  });

  it('one that makes an undoable edit, or takes one back, has the folder of the log', async () => {
    const commands = await leaves();
    for (const [name, methods] of Object.entries(OPERATIONS_OF)) {
      if (typeof methods === 'string') continue;
      const edits = methods.some((method) => {
        const marks: readonly string[] = operations[method].marks;
        return marks.includes('undoable') || method === 'edit.undo';
      });
      const options = commands.get(name)?.options.map(({ long }) => long) ?? [];
      if (edits) expect(options, name).toContain('--data');
    }
  });
});

it('a tool that changes something is made of an operation that does', () => {
  for (const { name, operations: methods } of TOOLS) {
    const writes = methods.some((method: Method) => changes(operations[method].marks));
    expect(writes, name).toBe(['set', 'age', 'kill', 'undo', 'replay', 'check_up', 'stores'].includes(name));
  }
});

it('docs/operations.md is what scripts/operations-page.ts writes', () => {
  const file = path.resolve(import.meta.dirname, '../../docs/operations.md');
  expect(readFileSync(file, 'utf8')).toBe(operationsPage());
});
