import { applyEdits, decode, toData } from '../codec.ts';
import type { Job, JobResults } from './messages.ts';

/** Does one piece of work in this thread. Throws what `decode` and `applyEdits` throw. */
export function runJob(job: Job): JobResults[Job['kind']] {
  switch (job.kind) {
    case 'decode':
      return toData(decode(job.bytes, job.options));
    case 'peel': {
      const decoded = decode(job.bytes, job.options);
      return { ...toData(decoded), inputs: decoded.inputs };
    }
    case 'edit':
      return applyEdits(job.bytes, job.edits, job.options);
    case 'span':
      return decode(job.bytes, job.options).spanOf(job.path);
  }
}
