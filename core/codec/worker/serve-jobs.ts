import { parentPort } from 'node:worker_threads';
import { ProblemError, toProblem } from '../../model/problem.ts';
import type { Layer } from '../layer.ts';
import type { Answer, Job } from './messages.ts';
import { runJob } from './run-job.ts';

/** Does the work of a worker thread: one answer for each job, in order. Called once by the entry of the thread. */
export function serveJobs(layers: readonly Layer[]): void {
  parentPort?.on('message', (job: Job) => {
    let answer: Answer;
    try {
      answer = { ok: true, result: runJob(job, layers) };
    } catch (error) {
      answer = { ok: false, problem: toProblem(error), bug: !(error instanceof ProblemError) };
    }
    parentPort?.postMessage(answer);
  });
}
