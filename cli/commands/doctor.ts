import type { Command } from 'commander';
import { collected, dataFolder, port } from '../options.ts';
import type { DoctorOptions } from '../run/doctor.ts';

/** `sessionscope doctor`: checks what Sessionscope needs around it. Exit status 1 when something will not work. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('checks what Sessionscope needs around it: runtime, folder, ports, display, browsers, stores')
    .option('--data <folder>', 'the data folder to check', dataFolder())
    .option('--proxy-port <number>', 'the port of the proxy', port, 8640)
    .option('--port <number>', 'the port of web mode', port, 8641)
    .option('--store <address>', 'a store that should be reachable (may be repeated)', collected, [])
    .option('--json', 'print one JSON document')
    .action(async (options: DoctorOptions) => {
      const { doctorCommand } = await import('../run/doctor.ts');
      process.exitCode = await doctorCommand(options);
    });
}
