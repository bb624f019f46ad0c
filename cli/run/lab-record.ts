import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Engine } from '../../core/engine/engine.ts';
import { cookiesTxt } from '../../core/interop/cookies-txt.ts';
import type { RunningBrowser } from '../../core/model/app.ts';
import { problem } from '../../core/model/problem.ts';
import type { SessionSummary } from '../../core/model/session.ts';
import { visible } from '../../core/model/visible.ts';
import { parseUrl, webAddress } from '../../core/model/web-address.ts';
import { type FoundSteps, findSteps } from '../../core/policy/record/find-steps.ts';
import { recordedPolicy } from '../../core/policy/record/recorded-policy.ts';
import { pathOf, type RecordedRequest } from '../../core/policy/record/recording.ts';
import { removeTemporary, temporaryFolder } from '../../core/stores/temporary-folder.ts';
import { whyNotWritten } from '../files.ts';
import { note, noteLines, printJson, printLines } from '../output.ts';
import { recordedRequests } from './recorded-requests.ts';
import { openRecording } from './recordings.ts';

export interface RecordOptions {
  readonly out?: string;
  readonly origin?: string;
  readonly cookie?: string;
  readonly store?: string;
  readonly cookies?: string;
  readonly browser?: string;
  readonly json?: boolean;
}

/** Writes a policy from a browser session. Exit status: 0 it can be run, 1 something in it is to be filled in first. */
export async function labRecord(from: string, options: RecordOptions, version: string): Promise<0 | 1> {
  const folder = temporaryFolder('sessionscope-record-');
  try {
    const address = /^https?:\/\//i.test(from) ? from : undefined;
    const engine =
      address === undefined
        ? await openRecording(from, folder, version)
        : await recordLive(address, folder, version, options);
    try {
      return await write(engine, from, address, options);
    } finally {
      await engine.close();
    }
  } finally {
    removeTemporary(folder);
  }
}

/** Opens a browser whose traffic is recorded, until it is closed or Enter is pressed. */
async function recordLive(address: string, folder: string, version: string, options: RecordOptions): Promise<Engine> {
  if (parseUrl(address) === undefined) {
    throw problem('bad-url', `${visible(address)} is no address of an application`, {
      remedy: 'Write it as http://127.0.0.1:8080',
    });
  }
  const { createEngine } = await import('../../core/engine/engine.ts');
  const engine = await createEngine({
    mode: 'web',
    version,
    dataFolder: folder,
    proxyPort: 0,
    env: process.env,
    browserArguments: (process.env['SESSIONSCOPE_BROWSER_ARGS'] ?? '').split(' ').filter((one) => one !== ''),
  });
  try {
    const { found } = await engine.handlers['browsers.list']({});
    const browser =
      options.browser === undefined ? found[0] : found.find(({ browserId }) => browserId === options.browser);
    if (browser === undefined) {
      const there = found.map(({ browserId }) => browserId).join(', ');
      throw problem(
        'not-found',
        options.browser === undefined ? 'No browser was found' : `There is no browser ${visible(options.browser)}`,
        {
          remedy:
            there === ''
              ? 'Install Chromium, Chrome, Edge or Firefox, or record a HAR elsewhere'
              : `Use one of ${there}`,
        },
      );
    }
    const { runId } = await engine.handlers['browser.launch']({ browserId: browser.browserId, startUrl: address });
    note(
      `${browser.name} is open. Look at a page that needs a login, log in, look at it again, and log out. Then close the browser, or press Enter here.`,
    );
    await endOf(engine, runId);
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Until the browser is gone, Enter is pressed, or the command is told to stop: what was recorded is used in each case. */
function endOf(engine: Engine, runId: string): Promise<void> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin });
    const stop = engine.subscribe((name, event) => {
      if (name !== 'browsers.changed') return;
      const { running } = event as { readonly running: readonly RunningBrowser[] };
      if (!running.some((one) => one.runId === runId)) done();
    });
    const done = (): void => {
      stop();
      lines.close();
      // An input that is still open would keep the command from ending.
      process.stdin.destroy();
      process.removeListener('SIGINT', done);
      resolve();
    };
    lines.once('line', done);
    process.once('SIGINT', done);
  });
}

async function write(
  engine: Engine,
  from: string,
  address: string | undefined,
  options: RecordOptions,
): Promise<0 | 1> {
  const session = await sessionOf(engine, from, address, options);
  const origin = await originOf(engine, session, options.origin);
  const cookie = options.cookie ?? (session.carrier.kind === 'cookie' ? session.carrier.name : '');
  const requests = await recordedRequests(engine, origin);
  const steps = findSteps(requests, cookie);
  if (steps.login.length === 0 && steps.verification === undefined) {
    throw problem('bad-recording', `${from}: neither a login nor a page behind one was recorded at ${origin}`, {
      remedy: 'Record again: look at a page that needs a login, log in, look at it again, log out',
    });
  }
  const byHand = steps.login.length === 0;
  const cookieFile =
    byHand && options.cookies !== undefined ? await writeCookies(options.cookies, origin, requests, steps) : undefined;
  const base = path.dirname(path.resolve(options.out ?? 'policy.yaml'));
  const policy = recordedPolicy(steps, {
    origin,
    cookie,
    ...(options.store === undefined ? {} : { store: options.store }),
    ...(cookieFile === undefined ? {} : { cookieFile: path.relative(base, cookieFile) }),
  });
  if (options.out !== undefined) await writeNew(options.out, policy.text, 0o644);
  const complete = steps.verification !== undefined;
  if (options.json === true) {
    printJson({
      origin,
      cookie,
      ...describe(steps),
      variables: policy.variables,
      complete,
      ...(options.out === undefined ? { policy: policy.text } : { file: options.out }),
    });
  } else {
    if (options.out === undefined) printLines(policy.text);
    noteLines(summary(steps, policy.variables, options.out, cookieFile));
  }
  return complete ? 0 : 1;
}

/** The session that the recording is about: the likeliest of the application. */
async function sessionOf(
  engine: Engine,
  from: string,
  address: string | undefined,
  options: RecordOptions,
): Promise<SessionSummary> {
  const { sessions } = await engine.handlers['sessions.list']({});
  const given = options.origin ?? address;
  const host = given === undefined ? undefined : webAddress(given).host;
  const fits = sessions.filter(
    (one) =>
      one.carrier.kind === 'cookie' &&
      (host === undefined || one.host === host) &&
      (options.cookie === undefined || one.carrier.name === options.cookie),
  );
  const [best] = fits.toSorted((a, b) => b.score.value - a.score.value || b.lastActivity - a.lastActivity);
  if (best !== undefined) return best;
  const there = [
    ...new Set(
      sessions.map((one) => `${one.host} (${one.carrier.kind === 'cookie' ? one.carrier.name : one.carrier.kind})`),
    ),
  ];
  throw problem(
    'bad-recording',
    `${from} holds no session${host === undefined ? '' : ` of ${host}`} that is carried by a cookie`,
    {
      remedy:
        there.length === 0
          ? 'Record the login as well: a session is found by the cookie that it sets'
          : `There: ${there.slice(0, 5).join(', ')}. Choose with --origin and --cookie`,
    },
  );
}

/** Scheme, host and port: the summary of a session has no scheme. */
async function originOf(engine: Engine, session: SessionSummary, given: string | undefined): Promise<string> {
  if (given !== undefined) return webAddress(given).origin;
  const { flows } = await engine.handlers['flows.list']({ filter: `host=${session.host}`, limit: 50 });
  const url = flows.map((flow) => flow.url).find((one) => /^https?:/.test(one));
  return url === undefined ? `http://${session.host}` : webAddress(url).origin;
}

/** The cookies of the session as they were sent last, readable by the user alone. */
async function writeCookies(
  file: string,
  origin: string,
  requests: readonly RecordedRequest[],
  steps: FoundSteps,
): Promise<string> {
  if (steps.loggedOut) {
    throw problem('bad-recording', 'The session of this recording was logged out, so its cookies are worth nothing', {
      remedy: 'Record again without the logout',
    });
  }
  const { hostname, protocol } = webAddress(origin);
  const jar = new Map<string, string>();
  for (const { sent, set } of requests) {
    for (const [name, value] of [...Object.entries(sent), ...Object.entries(set)]) {
      if (value === null) jar.delete(name);
      else jar.set(name, value);
    }
  }
  const { text } = cookiesTxt(
    [...jar].map(([name, value]) => ({
      name,
      value,
      domain: hostname,
      hostOnly: true,
      path: '/',
      secure: protocol === 'https:',
      httpOnly: true,
      partitioned: false,
      others: [],
    })),
  );
  await writeNew(file, text, 0o600);
  return path.resolve(file);
}

/** Never over a file that is there: it may have been filled in. */
async function writeNew(file: string, text: string, mode: number): Promise<void> {
  try {
    await writeFile(file, text, { mode, flag: 'wx' });
  } catch (error) {
    if (existsSync(file)) {
      throw problem('exists', `${file} is there already`, { remedy: 'Name another file, or move that one away' });
    }
    throw problem('file-unwritable', `${file} cannot be written: ${whyNotWritten(error)}`, {
      remedy: 'Name another file',
    });
  }
}

function describe(steps: FoundSteps) {
  const shown = ({ method, url }: RecordedRequest): string => `${method} ${pathOf(url)}`;
  return {
    login: steps.login.map(({ request }) => shown(request)),
    noLogin: steps.noLogin ?? null,
    verification: steps.verification === undefined ? null : shown(steps.verification),
    contrast: steps.contrast ?? null,
    logout: steps.logout === undefined ? null : shown(steps.logout.request),
  };
}

function summary(
  steps: FoundSteps,
  variables: readonly string[],
  out: string | undefined,
  cookieFile: string | undefined,
): string {
  const found = describe(steps);
  const lines = [
    `Login         ${found.noLogin === null ? found.login.join(', then ') : `not repeatable: ${found.noLogin}`}`,
    `Verification  ${found.verification ?? 'none was recorded: fill in a page that needs the login'}${found.contrast === null ? '' : `; ${found.contrast}`}`,
    `Logout        ${found.logout ?? 'none was recorded'}`,
    ...(cookieFile === undefined ? [] : [`Cookies       ${cookieFile}`]),
    ...(out === undefined ? [] : [`Written to    ${out}`]),
    ...(variables.length === 0 ? [] : [`Set before a run: ${variables.join(', ')}`]),
  ];
  return `\n${lines.map((line) => visible(line)).join('\n')}`;
}
