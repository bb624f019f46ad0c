import type { Command } from 'commander';
import { collected, dataFolder } from '../options.ts';
import type { CommandSurroundings } from '../program.ts';
import type { McpOptions } from '../run/mcp.ts';

/** `sessionscope mcp`: the debugger as tools for agents, over standard input and output. */
export function registerMcp(program: Command, around: Required<CommandSurroundings>): void {
  program
    .command('mcp')
    .description('serves the debugger to coding agents (Model Context Protocol, stdio); joins the running window')
    .option('--allow-writes', 'lets the agent change session data, age and kill sessions, and undo that')
    .option('--secrets', 'shows ids, cookie values and passwords instead of masking them')
    .option('--allow <client>', 'a client that needs no word of the user where no window runs', collected, [])
    .option('--data <folder>', 'folder of workspace and socket', dataFolder())
    .action(async (options: McpOptions) => {
      const { mcpCommand } = await import('../run/mcp.ts');
      await mcpCommand(options, around);
    });
}
