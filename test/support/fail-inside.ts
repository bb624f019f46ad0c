import { installLastGuard } from '../../core/engine/last-guard.ts';
import { inBackground } from '../../core/model/failures.ts';

/* Fails in each way that only the last guard sees, goes on working, and prints what the window would be shown. */
const guard = installLastGuard((text) => process.stderr.write(`${text}\n`));
guard.onFailure((notice) => process.stdout.write(`${JSON.stringify(notice)}\n`));
const fail = () => {
  throw new Error('cannot read http://user:pass@host/?token=abc for session 5f2d9c0a1b5f2d9c0a1b5f2d9c0a1b');
};
const rejected = new Error('nobody awaits this');
for (let i = 0; i < 3; i += 1) setTimeout(fail, 1);
setTimeout(() => void Promise.reject(rejected), 5);
setTimeout(() => inBackground('a test', Promise.reject(new Error('in the background'))), 10);
setTimeout(() => {
  process.stdout.write(`alive after ${guard.failures}\n`);
  guard.remove();
}, 50);
