import { spawn } from 'node:child_process';
import net from 'node:net';
import { problem } from '../../model/problem.ts';
import { webAddress } from '../../model/web-address.ts';

export interface StartedApplication {
  /** Ends it with all the processes that it started. */
  stop(): Promise<void>;
}

const STEP_MS = 100;
const GRACE_MS = 5_000;
const MOST_OUTPUT = 4_000;

/**
 * Waits until something listens at the origin. No request is sent: the first one of a fresh process may clean up, and
 * experiments want to see that.
 * @throws ProblemError `no-application`, `cancelled`
 */
export async function waitForApplication(
  origin: string,
  seconds: number,
  signal?: AbortSignal,
  failed: () => string | undefined = () => undefined,
): Promise<void> {
  const { hostname, port, protocol } = webAddress(origin);
  const at = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
  for (let waited = 0; ; waited += STEP_MS) {
    if (signal?.aborted === true) throw problem('cancelled', 'The run was cancelled');
    if (await listens(at)) return;
    const why = failed();
    if (why !== undefined || waited >= seconds * 1000) {
      throw problem('no-application', why ?? `Nothing listens at ${origin} after ${seconds} s`, {
        remedy: 'Start the application first, or write `start:` into the policy, or wait longer with --wait',
      });
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

/**
 * Starts the application by the policy's own command, in the folder of the policy.
 * @throws ProblemError `no-application` when it ends or does not listen in time
 */
export async function startApplication(
  { command, folder, origin, seconds }: { command: string; folder: string; origin: string; seconds: number },
  signal?: AbortSignal,
): Promise<StartedApplication> {
  const isWindows = process.platform === 'win32';
  const child = spawn(command, {
    shell: true,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what the shell starts ends with it.
    detached: !isWindows,
    windowsHide: true,
  });
  let output = '';
  let ended = false;
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-MOST_OUTPUT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const over = new Promise<void>((resolve) => {
    const end = () => {
      ended = true;
      resolve();
    };
    child.once('error', end);
    child.once('exit', end);
  });
  const kill = (how: NodeJS.Signals) => {
    try {
      if (isWindows) spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { windowsHide: true });
      else if (child.pid !== undefined) process.kill(-child.pid, how);
    } catch {
      // It is gone already.
    }
  };
  const stop = async () => {
    kill('SIGTERM');
    const timer = setTimeout(() => kill('SIGKILL'), GRACE_MS);
    await over;
    clearTimeout(timer);
    // What the command left in its group.
    if (!isWindows) kill('SIGKILL');
  };
  try {
    await waitForApplication(origin, seconds, signal, () =>
      ended
        ? `The command of start ended before it listened: ${output.trim().split('\n').slice(-3).join(' ')}`
        : undefined,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

function listens(at: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(at);
    const done = (there: boolean) => {
      socket.destroy();
      resolve(there);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
