import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEngine } from '../engine/engine.ts';
import { problem } from '../model/problem.ts';
import type { SessionSummary } from '../model/session.ts';
import { TestSession } from './test-session.ts';
import { within } from './within.ts';

/** Where the application keeps its sessions, and where the proxy listens. */
export interface OpenOptions {
  /** The store of the application: a path or a URL, such as `disk:./sessions` or `redis://localhost`. */
  readonly store?: string;
  /** Where workspace and certificate lie; a folder of its own, removed in the end, when absent. */
  readonly dataFolder?: string;
  /** The port of the proxy; a free one when absent. */
  readonly port?: number;
}

/** Which session is meant: all that is given must fit. The one that was seen last is taken. */
export interface Which {
  /** With its port: `127.0.0.1:3000`. */
  readonly host?: string;
  /** The name of its cookie. */
  readonly cookie?: string;
  readonly id?: string;
}

/** A running proxy that records sessions, with the store that their records lie in. */
export interface Sessionscope {
  /** `http://127.0.0.1:PORT`: for Playwright `{ proxy: { server } }`, where loopback needs `bypass: '<-loopback>'`. */
  readonly proxy: string;
  /** Certificate that signs what https sites show behind the proxy, PEM. */
  certificate(): Promise<string>;
  /**
   * The session that was seen last, joined with its record where a store is attached. Waits for traffic that is under way.
   * @throws ProblemError `not-found` when none was seen within five seconds, with what was seen instead
   */
  session(which?: Which): Promise<TestSession>;
  /** Ends proxy and store. */
  close(): Promise<void>;
}

/**
 * Opens a proxy with a store for a test.
 * @throws ProblemError when the store cannot be opened
 */
export async function openSessionscope({ store, dataFolder, port }: OpenOptions = {}): Promise<Sessionscope> {
  const folder = dataFolder ?? (await mkdtemp(path.join(tmpdir(), 'sessionscope-test-')));
  const engine = await createEngine({
    mode: 'web',
    version: '',
    dataFolder: folder,
    ...(port === undefined ? {} : { proxyPort: port }),
  });
  const close = async () => {
    await engine.close();
    if (dataFolder === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    if (store !== undefined) await engine.handlers['stores.attach']({ address: store });
    const { proxy } = await engine.handlers['app.info']({});
    return {
      proxy: `http://${proxy.host}:${proxy.port}`,
      async certificate() {
        const { text } = await engine.handlers['certificate.export']({ form: 'pem' });
        return text ?? '';
      },
      async session(which = {}) {
        const list = () => engine.handlers['sessions.list']({});
        const found = await within(
          async () =>
            (await list()).sessions
              .filter((one) => fits(one, which))
              .toSorted((a, b) => b.lastActivity - a.lastActivity)[0],
          (one) => one !== undefined && (store === undefined || one.record !== undefined),
        );
        if (found === undefined) {
          const seen = (await list()).sessions.map(({ host, id }) => `${id.slice(0, 8)}… at ${host}`);
          throw problem('not-found', 'No session was seen that fits', {
            remedy: seen.length === 0 ? 'Let the browser use the proxy, and log in.' : `Seen: ${seen.join(', ')}`,
          });
        }
        return new TestSession(engine, found);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function fits({ host, carrier, id }: SessionSummary, which: Which): boolean {
  return (
    (which.host === undefined || which.host === host) &&
    (which.cookie === undefined || (carrier.kind === 'cookie' && carrier.name === which.cookie)) &&
    (which.id === undefined || which.id === id)
  );
}
