import { parentPort } from 'node:worker_threads';
import { ProblemError, toProblem } from '../../model/problem.ts';
import type { Answer, Job } from './messages.ts';
import { runJob } from './run-job.ts';

/** Entry of the worker thread: one answer for each job, in order. */
parentPort?.on('message', (job: Job) => {
  let answer: Answer;
  try {
    answer = { ok: true, result: runJob(job) };
  } catch (error) {
    answer = { ok: false, problem: toProblem(error), bug: !(error instanceof ProblemError) };
  }
  parentPort?.postMessage(answer);
});
