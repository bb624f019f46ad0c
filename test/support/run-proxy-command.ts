/** Runs `sessionscope proxy` alone, with the words that are given. */
import { Command } from 'commander';
import { registerProxy } from '../../cli/commands/proxy.ts';

const program = new Command('sessionscope');
registerProxy(program);
await program.parseAsync(['proxy', ...process.argv.slice(2)], { from: 'user' });
