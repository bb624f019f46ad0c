/** Runs `sessionscope proxy` alone, with the words that are given. */
import { Command } from 'commander';
import { registerProxy } from '../../cli/commands/proxy.ts';

const program = new Command('sessionscope').version('1.2.3');
registerProxy(program);
program.exitOverride();
await program.parseAsync(['proxy', ...process.argv.slice(2)], { from: 'user' });
