import type { Path } from '../../model/path.ts';
import { ProblemError } from '../../model/problem.ts';
import { applyEditsFully, type Decoded, decode, toData } from '../codec.ts';
import type { Layer } from '../layer.ts';
import type { Job, JobResults } from './messages.ts';

/** Does one piece of work in this thread. Throws what `decode` and `applyEditsFully` throw. */
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
      return applyEditsFully(job.bytes, job.edits, options);
    case 'span':
      return spanOf(decode(job.bytes, options), job.path);
  }
}

/** @throws ProblemError `limit-steps`: without a value it is not known whether there is something at the path */
function spanOf({ error, spanOf: at }: Decoded, path: Path): JobResults['span'] {
  if (error?.kind === 'limit-steps') throw new ProblemError(error);
  return at(path);
}
