import { applyEdits, decode, toData } from '../codec.ts';
import type { Layer } from '../layer.ts';
import type { Job, JobResults } from './messages.ts';

/** Does one piece of work in this thread. Throws what `decode` and `applyEdits` throw. */
export function runJob(job: Job, layers: readonly Layer[]): JobResults[Job['kind']] {
  const options = { ...job.options, layers };
  switch (job.kind) {
    case 'decode':
      return toData(decode(job.bytes, options));
    case 'peel': {
      const decoded = decode(job.bytes, options);
      return { ...toData(decoded), inputs: decoded.inputs };
    }
    case 'edit':
      return applyEdits(job.bytes, job.edits, options);
    case 'span':
      return decode(job.bytes, options).spanOf(job.path);
  }
}
