import type { Command } from 'commander';
import type { ListOptions } from '../listing.ts';
import { addListOptions, dataFolder, span } from '../options.ts';
import type { RunOptions } from '../run/lab.ts';
import type { CheckOptions } from '../run/lab-check.ts';
import type { RecordOptions } from '../run/lab-record.ts';

/** `sessionscope lab run|record|check|list|schema`: session policies as files. */
export function registerLab(program: Command): void {
  const lab = program.command('lab').description('asks an application and its store whether a session policy is kept');
  lab
    .command('run')
    .argument('<policy>', 'a policy file (docs/policy-file.md)')
    .description('runs a policy file; exit status 0: all as expected, 1: not, 2: it could not be run')
    .option('--json', 'print one JSON document')
    .option('--junit <file>', 'write the results as JUnit XML')
    .option('--report <file>', 'write the results with their evidence as an HTML page')
    .option('--sarif <file>', 'write what does not hold as SARIF 2.1.0, for GitHub code scanning')
    .option('--markdown <file>', 'write a summary in Markdown, for a pull request')
    .option('--strict', 'what cannot be told is a failure too')
    .option('--wait <span>', 'wait so long for the application to listen: seconds, or 90s, 2min', span, 30)
    .option('--yes', 'confirm writes and unsafe requests; everything is undone afterwards')
    .option('--data <folder>', 'folder in which what is to be undone is written down first', dataFolder())
    .action(async (file: string, options: RunOptions) => {
      const { labRun } = await import('../run/lab.ts');
      process.exitCode = await labRun(file, options, program.version() ?? '0');
    });
  lab
    .command('record')
    .argument('<from>', 'the address of an application, or a HAR or workspace in which a login was recorded')
    .description('writes a policy file from a login, a page behind it and a logout in a browser')
    .option('--out <file>', 'write the policy there instead of printing it')
    .option('--origin <origin>', 'the application, where the recording holds several')
    .option('--cookie <name>', 'the session cookie, where it is not the one that is found')
    .option('--store <url>', 'where the application keeps its sessions, as it is to stand in the policy')
    .option('--cookies <file>', 'write the cookies of the session there, for a login that no form can do')
    .option('--browser <id>', 'the browser to open: chromium, firefox, …')
    .option('--json', 'print one JSON document')
    .action(async (from: string, options: RecordOptions) => {
      const { labRecord } = await import('../run/lab-record.ts');
      process.exitCode = await labRecord(from, options, program.version() ?? '0');
    });
  lab
    .command('check')
    .argument('<policy>', 'a policy file')
    .description('checks a policy file without running it')
    .option('--json', 'print one JSON document')
    .action(async (file: string, options: CheckOptions) => {
      const { labCheck } = await import('../run/lab-check.ts');
      process.exitCode = await labCheck(file, options);
    });
  const list = lab.command('list').description('lists the live experiments with their numbers in WSTG and ASVS');
  addListOptions(list, ['id', 'question', 'needs', 'wstg', 'asvs']).action(async (options: ListOptions) => {
    const { labList } = await import('../run/lab-catalog.ts');
    process.exitCode = await labList(options);
  });
  lab
    .command('schema')
    .description('prints the JSON Schema of policy files, for editors')
    .action(async () => {
      const { labSchema } = await import('../run/lab-catalog.ts');
      labSchema();
    });
}
