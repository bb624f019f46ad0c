import { openPracticeStore } from '../core/frameworks/webpy/practice/open-practice-store.ts';
import { startPractice } from '../core/frameworks/webpy/practice/start-practice.ts';

/** The practice site in a process of its own, as web.py's is: `node session-site.ts STORE`. Ends with its input. */
const store = await openPracticeStore(process.argv[2] ?? '');
const site = await startPractice({ store });
process.stdout.write(`listening ${site.port}\n`);
process.stdin.resume().once('end', () => process.exit(0));
