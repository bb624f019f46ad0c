import { readFile, stat } from 'node:fs/promises';
import { type Problem, ProblemError, problem, toProblem } from '../../core/model/problem.ts';
import { PolicyFileError } from '../../core/policy/file/policy-file-error.ts';
import { checkPolicies } from '../../core/policy/file/read-policy.ts';
import { MOST_BYTES } from '../../core/policy/file/yaml-source.ts';
import { whyNotRead } from '../files.ts';
import { note, print, printJson, problemLine } from '../output.ts';

export interface CheckOptions {
  readonly json?: true;
}

export const labCheck = (file: string, options: CheckOptions): Promise<number> =>
  answeredForPolicy(options, () => check(file, options));

/** Failures: a line for each mistake on standard error, as JSON too when asked for. */
export async function answeredForPolicy(options: CheckOptions, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const told: Problem = toProblem(error);
    const lines = error instanceof PolicyFileError ? error.lines : [problemLine(told)];
    if (options.json) {
      printJson({
        error: told,
        ...(error instanceof PolicyFileError
          ? { problems: error.problems.map(({ place, ...one }) => ({ ...place, ...one })) }
          : {}),
      });
    }
    for (const line of lines) note(line);
    return 2;
  }
}

async function check(file: string, options: CheckOptions): Promise<number> {
  const { policies, count, unset } = checkPolicies(await policyTextOf(file), { file, env: process.env });
  const sum = (of: (policy: (typeof policies)[number]) => number) => policies.reduce((all, one) => all + of(one), 0);
  const simulated = sum((policy) => policy.simulated.length);
  const live = sum((policy) => policy.live?.expected.length ?? 0);
  if (options.json) {
    printJson({ file, policies: policies.map(({ title }) => title), simulated, live, unset });
    return 0;
  }
  const asks = unset.length > 0 ? '' : `, ${simulated} simulated and ${live} live experiments`;
  print(`${file}: right; ${count} ${count === 1 ? 'policy' : 'policies'}${asks}`);
  if (unset.length > 0) print(`Not set here: ${unset.join(', ')}`);
  return 0;
}

/** @throws ProblemError `file-unreadable` */
export async function policyTextOf(file: string): Promise<string> {
  try {
    const found = await stat(file);
    // A device may have no end.
    if (!found.isFile() && !found.isFIFO())
      throw problem(
        'file-unreadable',
        `${file} cannot be read: it is ${found.isDirectory() ? 'a folder' : 'no file'}`,
        { where: file },
      );
    if (found.size > MOST_BYTES) throw problem('bad-policy', `${file} is larger than ${MOST_BYTES / 1024} KiB`);
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw problem('file-unreadable', `${file} cannot be read: ${whyNotRead(cause)}`, { where: file, cause });
  }
}
