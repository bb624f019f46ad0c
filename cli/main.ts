#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installLastGuard } from '../core/engine/last-guard.ts';
import { installEndings } from './ending.ts';
import { noteLines } from './output.ts';
import { runCommand } from './program.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const endings = installEndings();
const pageFolder = fileURLToPath(new URL('../.vite/renderer/main_window', import.meta.url));
// The launcher of the installed application sets it; programs that commands start must not become Node by it.
delete process.env['ELECTRON_RUN_AS_NODE'];
const guard = installLastGuard(noteLines);
const status = await runCommand(process.argv.slice(2), { version, pageFolder, guard });
process.exitCode = endings.status ?? status;
