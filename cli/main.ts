#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installLastGuard } from '../core/engine/last-guard.ts';
import { noteLines } from './output.ts';
import { runCommand } from './program.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
// A pipe that is closed early (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});
const pageFolder = fileURLToPath(new URL('../.vite/renderer/main_window', import.meta.url));
// The launcher of the installed application sets it; programs that commands start must not become Node by it.
delete process.env['ELECTRON_RUN_AS_NODE'];
const guard = installLastGuard(noteLines);
process.exitCode = await runCommand(process.argv.slice(2), { version, pageFolder, guard });
