import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { confirmationsOf } from '../../core/engine/policy-run/confirmations.ts';
import { JOURNAL_FOLDER, recoverJournals } from '../../core/engine/policy-run/journal-folder.ts';
import { type PolicyRunPorts, runPolicy } from '../../core/engine/policy-run/run-policy.ts';
import { startApplication, waitForApplication } from '../../core/engine/policy-run/start-application.ts';
import { problem } from '../../core/model/problem.ts';
import type { Policy } from '../../core/policy/file/policy.ts';
import { readPolicies } from '../../core/policy/file/read-policy.ts';
import { countsOf, type PolicyResult } from '../../core/policy/file/result.ts';
import { policyHtml } from '../../core/policy/report/policy-html.ts';
import { policyJson } from '../../core/policy/report/policy-json.ts';
import { policyJunit } from '../../core/policy/report/policy-junit.ts';
import { policyMarkdown } from '../../core/policy/report/policy-markdown.ts';
import { policyText } from '../../core/policy/report/policy-rows.ts';
import { policySarif } from '../../core/policy/report/policy-sarif.ts';
import { whyNotWritten } from '../files.ts';
import { note, printJson, printLines } from '../output.ts';
import { progressLine } from '../progress.ts';
import { answeredForPolicy, policyTextOf } from './lab-check.ts';

export interface RunOptions {
  readonly json?: true;
  readonly junit?: string;
  readonly report?: string;
  readonly sarif?: string;
  readonly markdown?: string;
  readonly strict?: true;
  /** Seconds. */
  readonly wait: number;
  readonly yes?: true;
  readonly data: string;
}

/** Exit status of a run that was ended by Ctrl-C, as shells have it (128 + SIGINT). */
const INTERRUPTED = 130;

export const labRun = (file: string, options: RunOptions, version: string): Promise<number> =>
  answeredForPolicy(options, () => run(file, options, version));

async function run(file: string, options: RunOptions, version: string): Promise<number> {
  const policies = readPolicies(await policyTextOf(file), { file, env: process.env });
  const journalFolder = path.join(options.data, JOURNAL_FOLDER);
  const confirmed = options.yes === true;
  const unconfirmed = policies.filter((policy) => !policy.confirmed && !confirmed);
  const wanted = unconfirmed.flatMap((policy) => confirmationsOf(policy).map((what) => `${policy.title}: ${what}`));
  if (wanted.length > 0) {
    throw problem('needs-confirmation', `Nothing was run, because this must be confirmed first: ${wanted.join('; ')}`, {
      remedy: 'Give --yes, or write `confirm: true` into the policy',
    });
  }
  for (const { message } of await recoverJournals(journalFolder)) note(`sessionscope: ${message}`);
  const abort = new AbortController();
  const stop = stopper(abort);
  const results: PolicyResult[] = [];
  try {
    for (const policy of policies) {
      if (abort.signal.aborted) break;
      const notify = progress(policy.title);
      const ports = { journalFolder, clock: Date.now, signal: abort.signal, confirmed, notify };
      results.push(await withApplication(policy, ports, options.wait).finally(() => notify()));
    }
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  }
  if (options.junit !== undefined)
    await write(options.junit, policyJunit(results, { strict: options.strict === true }));
  if (options.report !== undefined) await write(options.report, policyHtml(results));
  if (options.sarif !== undefined) {
    const sarif = policySarif(results, { file: fromHere(file), version, strict: options.strict === true });
    await write(options.sarif, `${JSON.stringify(sarif, null, 2)}\n`);
  }
  if (options.markdown !== undefined) await write(options.markdown, policyMarkdown(results));
  if (options.json) printJson(policyJson(file, results));
  else printLines(`${results.map(policyText).join('\n\n')}\n\n${summary(results)}`);
  if (abort.signal.aborted) return INTERRUPTED;
  if (results.some(({ state, restored }) => state === 'failed' || !restored)) return 2;
  return results.every(({ passed }) => passed) ? 0 : 1;
}

/** Waits for the application of the policy, or starts it and stops it afterwards, and runs the policy. */
async function withApplication(policy: Policy, ports: PolicyRunPorts, seconds: number): Promise<PolicyResult> {
  const { start, target, live, record, simulated } = policy;
  const { signal } = ports;
  const asksIt = target !== undefined && (live !== undefined || (simulated.length > 0 && record.of === 'session'));
  if (!asksIt) return await runPolicy(policy, ports);
  if (start === undefined) {
    // What is not there in time is said in the result, as always.
    await waitForApplication(target.origin, seconds, signal).catch(() => undefined);
    return await runPolicy(policy, ports);
  }
  const app = await startApplication({ ...start, origin: target.origin, seconds }, signal);
  try {
    return await runPolicy(policy, ports);
  } finally {
    await app.stop();
  }
}

/** A path as reports name it: from the working folder on, with slashes. */
function fromHere(file: string): string {
  const relative = path.relative(process.cwd(), path.resolve(file)).split(path.sep).join('/');
  return relative.startsWith('../') || path.isAbsolute(relative) ? path.basename(file) : relative;
}

/** The first signal cancels and undoes; after it the system's own way with signals is back. */
function stopper(abort: AbortController): () => void {
  const stop = () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    note('sessionscope: Cancelling, and putting everything back…');
    abort.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  return stop;
}

/** Without arguments the line is taken away. */
function progress(title: string): (done?: number, total?: number, name?: string) => void {
  const line = progressLine(0);
  return (done, total, name = '') =>
    done === undefined ? line.clear() : line.show(`${title}: ${done} of ${total}  ${name}`);
}

function summary(results: readonly PolicyResult[]): string {
  const { asExpected, notAsExpected, notAsked } = countsOf(results);
  const rest = [
    ...(notAsExpected === 0 ? [] : [`${notAsExpected} not`]),
    ...(notAsked === 0 ? [] : [`${notAsked} not asked`]),
  ];
  return `${asExpected} as expected${rest.length === 0 ? '' : `, ${rest.join(', ')}`}`;
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw problem('file-unwritable', `${file} cannot be written: ${whyNotWritten(cause)}`, { where: file, cause });
  }
}
