import { randomBytes, X509Certificate } from 'node:crypto';
import { createWriteStream, openSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type BodyStore, createBodyStore } from '../../core/capture/body-store.ts';
import { createCapture } from '../../core/capture/capture.ts';
import { FrameRecorder } from '../../core/capture/frame-recorder.ts';
import { harText } from '../../core/interop/write-har.ts';
import type { Flow } from '../../core/model/flow.ts';
import { problem } from '../../core/model/problem.ts';
import type { CertificateAuthority } from '../../core/proxy/certificates/authority.ts';
import { loadOrCreateAuthority } from '../../core/proxy/certificates/authority-files.ts';
import type { UpstreamTls } from '../../core/proxy/options.ts';
import { AddressSpaces } from '../../core/proxy/private-access/address-space.ts';
import { privateAccessHooks } from '../../core/proxy/private-access/private-access.ts';
import { startProxy } from '../../core/proxy/proxy.ts';
import { createSelfCheck } from '../../core/proxy/self-check/self-check.ts';
import { environmentUpstream } from '../../core/proxy/upstream/environment.ts';
import { createUpstream, parseUpstream } from '../../core/proxy/upstream/upstream.ts';
import { hostMatches } from '../../core/proxy/upstream/upstream-settings.ts';
import { maskText, maskUrl } from '../../core/secrets/mask.ts';
import { removeTemporary, temporaryFolder } from '../../core/stores/temporary-folder.ts';
import { whyNotWritable } from '../../core/workspace/why-not-writable.ts';
import { whyNotRead, whyNotWritten } from '../files.ts';
import { note, print, printJson } from '../output.ts';
import { type FoundSession, SessionFinder } from './proxy-sessions.ts';

export interface ProxyOptions {
  readonly port: number;
  readonly har?: string;
  readonly withSecrets?: boolean;
  readonly json?: boolean;
  readonly upstream?: string;
  readonly ca: readonly string[];
  readonly insecureHost: readonly string[];
  readonly allowLocal: readonly string[];
  readonly data: string;
}

/** Captures until it is told to stop. */
export async function proxyCommand(options: ProxyOptions, version: string): Promise<void> {
  const folder = temporaryFolder('sessionscope-bodies-');
  try {
    await capture(options, version, createBodyStore(folder));
  } finally {
    removeTemporary(folder);
  }
}

async function capture(options: ProxyOptions, version: string, bodies: BodyStore): Promise<void> {
  const say = options.json === true ? note : print;
  // All that the user may have got wrong comes before anything is opened.
  const environment = options.upstream === undefined ? environmentUpstream(process.env) : undefined;
  const ways = options.upstream === undefined ? environment?.settings : { proxy: parseUpstream(options.upstream) };
  const tls = tlsSettings(options);
  const authority = authorityIn(options.data);
  const frames = new FrameRecorder(bodies);
  const har =
    options.har === undefined
      ? undefined
      : new HarFile(options.har, bodies, frames, { version, withSecrets: options.withSecrets === true });
  const sessions = new SessionFinder((found) => say(sessionLine(found, options.withSecrets === true)));
  let flows = 0;
  let address = '';
  const check = await createSelfCheck({
    authority: () => authority,
    proxyAddress: () => address,
    recording: () => true,
    links: () => [],
    random: () => randomBytes(18).toString('base64url'),
  });
  const recorder = createCapture({
    clock: Date.now,
    bodies,
    ignore: check.isOwn,
    onFlow(seen, phase, sightings) {
      sessions.saw(seen, sightings);
      // Without a file nobody reads the frames.
      if (har !== undefined && phase === 'response' && seen.kind === 'websocket') frames.begin(seen.id);
      if (phase !== 'end') return;
      const kept = frames.end(seen.id);
      const flow = kept === undefined ? seen : { ...seen, frames: kept };
      flows += 1;
      say(flowLine(flow, options.withSecrets === true));
      har?.add(flow);
    },
  });
  const upstream = ways === undefined ? undefined : createUpstream(ways, { clock: Date.now, tls });
  const access = privateAccessHooks({
    spaces: new AddressSpaces(Date.now),
    allowed: () => options.allowLocal,
    onAccess: ({ initiator, target, refused }) => {
      const who = `a page of ${initiator ?? 'another site'} asked for ${target}`;
      say(refused ? `Refused: ${who}, a private address (--allow-local lets a site through)` : `Let pass: ${who}`);
    },
  });
  const proxy = await startProxy({
    authority,
    port: options.port,
    hooks: [check.hooks, recorder.hooks, frames.hooks, access, ...(upstream === undefined ? [] : [upstream.hooks])],
    clock: Date.now,
    log: (line) => note(options.withSecrets === true ? line : maskText(line)),
    tls,
    ...(upstream === undefined ? {} : { upstream }),
  });
  address = proxy.address;
  if (proxy.preferredPortTaken) note(`Port ${options.port} is in use; a free one was taken.`);
  say(`Proxy: ${address}`);
  if (environment !== undefined) say(environment.line);
  say(`Certificate: http://sessionscope.local/ (asked through the proxy)`);
  await new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
  });
  await proxy.close();
  await check.close();
  await har?.finish();
  const found = sessions.found();
  if (options.json === true) {
    const document = { flows, sessions: found.map((s) => ({ ...s, id: shownId(s.id, options.withSecrets === true) })) };
    printJson(document);
  } else {
    say(`${flows} flows, ${found.length} sessions${har === undefined ? '' : `; written to ${options.har}`}`);
  }
  await bodies.close();
}

/** @throws ProblemError */
function authorityIn(folder: string): CertificateAuthority {
  const why = whyNotWritable(folder);
  if (why !== undefined) {
    throw problem('authority-unreadable', `The certificate authority cannot be kept in ${folder}: ${why}`, {
      remedy: 'Name another folder with --data',
      where: folder,
    });
  }
  return loadOrCreateAuthority(path.join(folder, 'authority'), { clock: Date.now });
}

/**
 * What is trusted beside the usual authorities.
 * @throws ProblemError `bad-certificate` for a file that cannot be read or holds no certificate; `bad-pattern`
 */
function tlsSettings({ ca, insecureHost }: Pick<ProxyOptions, 'ca' | 'insecureHost'>) {
  const trusted = ca.map((file) => {
    try {
      const pem = readFileSync(file, 'utf8');
      new X509Certificate(pem);
      return pem;
    } catch (cause) {
      throw problem(
        'bad-certificate',
        cause instanceof Error && 'syscall' in cause
          ? `${file} cannot be read: ${whyNotRead(cause)}`
          : `${file} holds no certificate in PEM`,
        {
          remedy: 'Give the certificate of the authority as a file that has a line -----BEGIN CERTIFICATE-----',
          where: file,
          cause,
        },
      );
    }
  });
  for (const pattern of insecureHost) {
    if (!/^(?:\*?\.?[\w-]+(?:\.[\w-]+)*|\[[\da-fA-F:]+\])(?::\d{1,5})?$/.test(pattern)) {
      throw problem('bad-pattern', `${pattern} is no host`, {
        remedy: 'Write shop.test, *.shop.test or shop.test:8443.',
      });
    }
  }
  const verified: UpstreamTls = { ca: trusted };
  const unverified: UpstreamTls = { ca: trusted, verify: false };
  return (host: string, port: number) =>
    insecureHost.some((pattern) => hostMatches(pattern, { host, port })) ? unverified : verified;
}

function flowLine(flow: Flow, withSecrets: boolean): string {
  const { method, url } = flow.request;
  const status = flow.response?.status ?? '---';
  const ms = Math.round((flow.endedAt ?? flow.startedAt) - flow.startedAt);
  const size = flow.response?.body.size ?? 0;
  const end = flow.error === undefined ? '' : `  ${withSecrets ? flow.error : maskText(flow.error)}`;
  return `${status} ${method} ${withSecrets ? url : maskUrl(url)}  ${size} B  ${ms} ms${end}`;
}

function sessionLine({ host, carrier, id, score, reasons }: FoundSession, withSecrets: boolean): string {
  const because = reasons.slice(0, 3).join('; ');
  return `session ${host} ${carrier} ${shownId(id, withSecrets)}  score ${score}: ${because}`;
}

function shownId(id: string, withSecrets: boolean): string {
  return withSecrets || id.length <= 8 ? id : `${id.slice(0, 4)}…${id.slice(-2)}`;
}

/** Writes flows while they end, so that memory does not grow with their number; the name is given at the end. */
class HarFile {
  readonly #file: string;
  readonly #written: Promise<void>;
  #waiting: Flow[] = [];
  #wake: (() => void) | undefined;
  #done = false;

  /** @throws ProblemError `har-not-written` at once when the file cannot be made */
  constructor(
    file: string,
    bodies: BodyStore,
    frames: FrameRecorder,
    options: { version: string; withSecrets: boolean },
  ) {
    this.#file = file;
    const text = harText(this.#flows(), {
      ...options,
      readBody: (ref) => bodies.read(ref),
      readFrames: (flow) => frames.read(flow, { whole: true }),
    });
    this.#written = pipeline(Readable.from(text), createWriteStream('', { fd: this.#open() }));
    this.#written.catch(() => undefined);
  }

  get #partial(): string {
    return `${this.#file}.partial`;
  }

  #open(): number {
    try {
      return openSync(this.#partial, 'w', 0o600);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): Error {
    return problem('har-not-written', `The HAR file cannot be written: ${whyNotWritten(error)} (${this.#file})`, {
      where: this.#file,
    });
  }

  add(flow: Flow): void {
    this.#waiting.push(flow);
    this.#wake?.();
  }

  async finish(): Promise<void> {
    this.#done = true;
    this.#wake?.();
    try {
      await this.#written;
      await rename(this.#partial, this.#file);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async *#flows(): AsyncGenerator<Flow> {
    for (;;) {
      const flows = this.#waiting;
      this.#waiting = [];
      yield* flows;
      if (this.#waiting.length > 0) continue;
      if (this.#done) return;
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }
}
