/*
 * A process that is killed (kill -9, by itself) in the middle of a question to the policy lab: its scratch copy is made,
 * and the session is being saved in it.
 * node die-in-question.ts STORE-URL ID FOLDER
 */
import { askPolicy } from '../../core/frameworks/webpy/simulation/ask.ts';
import { openSandbox } from '../../core/frameworks/webpy/stores/sandbox.ts';

const [url = '', id = '', folder = ''] = process.argv.slice(2);
const bench = await openSandbox(url, { folder });
const deadly: typeof bench = {
  ...bench,
  store: async (options) => {
    const store = await bench.store(options);
    store.save = async () => {
      process.kill(process.pid, 'SIGKILL');
    };
    return store;
  },
};
await askPolicy(
  deadly,
  { recordId: id, cookieName: 'webpy_session_id', cookieValue: id, now: Date.now() },
  {
    parameters: { timeout: 86_400, ignore_expiry: true, ignore_change_ip: true },
    profile: '0.62',
    afterSeconds: 60,
    fromAddress: '127.0.0.1',
    cleanup: 'at-request',
  },
);
