import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Handlers } from '../bridge/contract.ts';
import { createCapture, type FlowNews, type FlowPhase } from '../capture/capture.ts';
import { sightingsOf } from '../capture/flow-sightings.ts';
import { FrameRecorder } from '../capture/frame-recorder.ts';
import { toCookieView } from '../cookies/cookie-view.ts';
import { RecordEditor } from '../editing/record-editor.ts';
import { Undo } from '../editing/undo.ts';
import { createDecodePool } from '../frameworks/decode-pool.ts';
import type { EditInfo, Notice } from '../model/app.ts';
import { guarded, inBackground } from '../model/failures.ts';
import type { Flow, FlowSummary } from '../model/flow.ts';
import { toProblem } from '../model/problem.ts';
import type { Sighting } from '../model/session.ts';
import { startProxy } from '../proxy/proxy.ts';
import { createReplay } from '../proxy/replay/replay.ts';
import { createSelfCheck } from '../proxy/self-check/self-check.ts';
import { RecordWatch } from '../registry/record-watch.ts';
import { Registry } from '../registry/registry.ts';
import { archiveOf } from '../workspace/archive.ts';
import { keptBodies } from '../workspace/kept-bodies.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import { BrowserService } from './browser-service.ts';
import { CertificateService } from './certificate-service.ts';
import { CookieService } from './cookie-service.ts';
import { DistrustNotices } from './distrust-notices.ts';
import { Emitter, type Listener } from './emitter.ts';
import { FlowFeed } from './flow-feed.ts';
import { appHandlers, proxyInfo } from './handlers/app.ts';
import { browserHandlers } from './handlers/browsers.ts';
import { codecHandlers } from './handlers/codec.ts';
import { cookieHandlers } from './handlers/cookies.ts';
import { flowHandlers } from './handlers/flows.ts';
import { labHandlers } from './handlers/lab.ts';
import { policyHandlers } from './handlers/policy.ts';
import { proveHandlers } from './handlers/prove.ts';
import { proxyHandlers } from './handlers/proxy.ts';
import { recordHandlers } from './handlers/records.ts';
import { sessionHandlers } from './handlers/sessions.ts';
import { attachStore, storeHandlers } from './handlers/stores.ts';
import { exchangeHandlers } from './handlers/transfer.ts';
import type { EngineOptions } from './host.ts';
import { LabService } from './lab-service.ts';
import { LayerService } from './layer-service.ts';
import { NetworkService } from './network-service.ts';
import { NoticeService } from './notice-service.ts';
import type { Parts } from './parts.ts';
import { JOURNAL_FOLDER, recoverJournals } from './policy-run/journal-folder.ts';
import { PracticeService } from './practice-service.ts';
import { ProxyService } from './proxy-service.ts';
import { decodeCookieValue, decodeRecord, EngineCodec } from './record-codec.ts';
import { SandboxPool } from './sandbox-pool.ts';
import { SETTING, texts } from './settings.ts';
import { StoreService } from './store-service.ts';
import { TaskService } from './task-service.ts';
import { upToDate } from './up-to-date.ts';

/** The debugger. Electron's main process, the web mode and the tests host the same one. */
export interface Engine {
  /** What the window may ask. */
  readonly handlers: Handlers;
  /** What happens, told to any number of windows. Returns how to stop. */
  subscribe(listener: Listener): () => void;
  /** Ends browsers, proxy and stores, and saves what is not saved yet. */
  close(): Promise<void>;
}

/** So long after an exchange's last news it becomes known; who asks sooner is told at once. */
const GATHER_MS = 10;
const TICK_MS = 1_000;
const TIDY_MS = 5 * 60_000;

/**
 * Starts the debugger: workspace, certificate authority, proxy, and the stores of last time.
 * @throws ProblemError when the data folder cannot be used or the proxy cannot listen
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const clock = options.clock ?? Date.now;
  const log = options.log ?? (() => {});
  const folder = options.dataFolder;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const emitter = new Emitter();
  const notices = new NoticeService((notice) => emitter.emit('notice', notice));
  const { notify } = notices;
  options.onFailure?.(notify);

  const nativeBinding = process.env['BETTER_SQLITE3_BINDING'];
  const workspace = await openWorkspace(options.workspaceFile ?? path.join(folder, 'workspace.sqlite'), {
    clock,
    whenInUse: options.workspaceFile === undefined ? 'another-file' : 'fail',
    log: (level, message, problem) => {
      log(`workspace: ${message}`);
      notify({ level, message, ...(problem?.remedy === undefined ? {} : { remedy: problem.remedy }) });
    },
    ...(nativeBinding === undefined ? {} : { nativeBinding }),
    ...(options.workers === undefined ? {} : { writerUrl: path.join(options.workers, 'writer-worker.cjs') }),
  });
  const bodies = keptBodies(workspace, `b${clock().toString(36)}`);

  const { protectKey, workers } = options;
  const authority = new CertificateService({
    folder: path.join(folder, 'authority'),
    clock,
    protectKey,
    changed: (current) => {
      proxy.setAuthority(current);
      // Kept tunnels go on with the old certificate until their clients connect again.
      proxy.closeAllConnections();
    },
  });
  const proxyService = new ProxyService({
    table: workspace.settings,
    clock,
    newId: () => randomUUID(),
    protectKey,
    // The bundle has the engine for PAC scripts beside the folder of the workers.
    pacEngine: workers === undefined ? undefined : () => readFile(path.join(workers, '../quickjs.wasm')),
    log: (line) => log(`proxy: ${line}`),
    onRules: () => tellRules(),
    onHeld: (held, ended) => emitter.emit('intercept.changed', { held, ended }),
  });
  const tellRules = (): void =>
    emitter.emit('rules.changed', { rules: [...cookies.rules(), ...proxyService.rules.list()] });

  const tasks = new TaskService({ tell: (progress) => emitter.emit('progress', progress) });
  const pool = createDecodePool(
    options.workers === undefined ? {} : { workerUrl: path.join(options.workers, 'decode-worker.cjs') },
  );
  const codec = new EngineCodec({ pool, task: tasks.run });
  const layers = new LayerService({
    load: () => workspace.settings.get(SETTING.layers),
    save: (value) => workspace.settings.set(SETTING.layers, value),
  });
  const sandboxes = new SandboxPool();
  const stores = new StoreService({ changed: () => emitter.emit('stores.changed', { stores: stores.list() }) });
  const registry = new Registry({
    archive: archiveOf(workspace),
    clock,
    decode: (bytes) => decodeRecord(bytes).value,
    readSetCookie: (setCookie, url, at) => toCookieView(setCookie, url, at),
    hasStores: () => stores.size > 0,
  });
  registry.onChange(({ updated, removed, touched }) => {
    if (updated.length > 0 || removed.length > 0) {
      emitter.emit('sessions.changed', { updated: [...updated], removed: [...removed] });
    }
    if (touched.length > 0) emitter.emit('sessions.touched', { keys: [...touched] });
  });
  const watch = new RecordWatch({
    registry,
    clock,
    beforeLooking: () => capture.settle(),
    decode: async ({ id, bytes }, storeId) => (await codec.decode(bytes, layers.of(storeId, id))).value,
    decodeBefore: async (storeId, id, bytes) => (await codec.decode(bytes, layers.of(storeId, id))).value,
    decodeCookie: decodeCookieValue,
    onProblem: (storeId, problem) => stores.setProblem(storeId, problem),
    onChanged: ({ storeId, record, flowId }) => {
      const flow = flowId === undefined ? undefined : workspace.flows.summary(flowId);
      const noticed = undo.recordChanged({
        storeId,
        recordId: record.id,
        bytes: record.bytes,
        by: flow === undefined ? 'the application' : `${flow.method} ${flow.url}`,
        ...(flow === undefined ? {} : { startedAt: flow.startedAt }),
      });
      inBackground('noticing that a record was overwritten', noticed);
    },
  });

  const onEdit = (edit: EditInfo): void => {
    emitter.emit('edits.changed', { edits: [edit] });
    const { sessionKey, editId, text, state, overwrittenBy } = edit;
    if (sessionKey === undefined) return;
    registry.note(
      sessionKey,
      state === 'overwritten'
        ? { at: clock(), kind: 'overwritten', editId, by: overwrittenBy ?? 'somebody else' }
        : { at: clock(), kind: 'edited', editId, what: text, undone: state === 'undone' },
    );
  };
  const editing = {
    log: workspace.edits,
    snapshots: workspace.blobs,
    codec,
    layers: (storeId: string, id: string) => layers.of(storeId, id),
    store: (storeId: string) => (stores.has(storeId) ? stores.get(storeId) : undefined),
    clock,
    newId: () => randomUUID(),
    expectWrite: (storeId: string, id: string, bytes: Uint8Array) => registry.expectWrite(storeId, id, bytes),
    onEdit,
  };
  const records = new RecordEditor(editing);
  const undo = new Undo(editing);

  const browsers = new BrowserService({
    folder,
    clock,
    authority: () => authority.current,
    proxy: () => proxy,
    changed: () => emitter.emit('browsers.changed', { running: browsers.running() }),
    moreArguments: options.browserArguments ?? [],
  });
  const cookies = new CookieService({
    log: workspace.edits,
    clock,
    newId: () => randomUUID(),
    jars: () => browsers.jars(),
    onEdit,
    onRules: tellRules,
    describeFlow: (flowId) => {
      // Asked while the answer passes: the flow itself may not be told yet.
      capture.settle();
      const flow = workspace.flows.summary(flowId);
      return flow === undefined ? `flow ${flowId}` : `${flow.method} ${flow.url}`;
    },
  });

  const feed = new FlowFeed((ids, more) => {
    const flows = ids
      .map((id) => workspace.flows.summary(id))
      .filter((flow): flow is FlowSummary => flow !== undefined);
    if (flows.length > 0) emitter.emit('flows.changed', more ? { flows, more } : { flows });
  });
  const frames = new FrameRecorder(bodies);
  const onFlow = (seen: Flow, phase: FlowPhase, sightings: readonly Sighting[], news = newsOf(phase)): void => {
    if (phase === 'response' && seen.kind === 'websocket') frames.begin(seen.id);
    const kept = phase === 'end' ? frames.end(seen.id) : undefined;
    const flow = kept === undefined ? seen : { ...seen, frames: kept };
    workspace.flows.put(flow, news.isNew);
    const keys = registry.saw(flow, sightings, phase === 'end');
    if (news.answered) noteAnswers(cookies, flow, sightings);
    if (phase !== 'start') watch.flowSeen(flow.id, keys);
    feed.add(flow.id);
  };
  const check = await createSelfCheck({
    authority: () => authority.current,
    proxyAddress: () => proxy.address,
    recording: () => capture.recording,
    links: () => {
      const site = practice.info();
      return site === null ? [] : [{ title: 'Practice site', url: site.origin }];
    },
    random: () => randomBytes(18).toString('base64url'),
  });
  const capture = createCapture({
    clock,
    onBegin: (id) => workspace.flows.reserve(id),
    onFlow,
    gatherMs: GATHER_MS,
    bodies,
    ignore: check.isOwn,
    wanted: (name) => workspace.settings.isCalledSession(name),
  });
  if (workspace.settings.get(SETTING.recording) === false) capture.pause();

  const proxy = await startProxy({
    ...proxyService.proxyOptions,
    authority: authority.current,
    port: options.proxyPort ?? 0,
    clock,
    log: (line) => log(`proxy: ${line}`),
    // The recorder stands between the two halves of cookie edits: it sees what the application saw and said.
    // Rules and breakpoints come behind it, so that a flow shows what there was and what went on instead.
    hooks: [
      check.hooks,
      cookies.wire.requestHooks,
      capture.hooks,
      frames.hooks,
      cookies.wire.responseHooks,
      ...proxyService.hooks,
      new DistrustNotices({ clock, notify }).hooks,
    ],
  });
  proxyService.attach(proxy);

  const practice = new PracticeService({
    folder,
    clock,
    attach: (url) => attachStore(parts, url),
    changed: (info) => emitter.emit('practice.changed', { practice: info }),
  });

  let replays = 0;
  const sendAgain = createReplay({
    bodies,
    clock,
    nextId: () => `r${clock().toString(36)}-${++replays}`,
    onFlow: (flow) => onReplayed(flow),
    upstream: proxyService.upstream,
    tls: proxyService.tls,
  });
  const onReplayed = (flow: Flow): void => {
    // What an experiment sends (forged ids, dropped cookies) is kept as evidence, and is no session of a visitor.
    if (flow.origin?.experiment !== undefined) {
      workspace.flows.put(flow);
      feed.add(flow.id);
      return;
    }
    onFlow(flow, 'response', sightingsOf(flow));
    onFlow(flow, 'end', []);
  };

  const parts: Parts = {
    options,
    clock,
    emitter,
    notices,
    workspace,
    registry,
    watch,
    stores,
    sandboxes,
    pool,
    tasks,
    layers,
    records,
    undo,
    cookies,
    browsers,
    practice,
    lab: new LabService({ parts: () => parts, replay: sendAgain }),
    capture,
    bodies,
    proxy,
    replay: async (flow, { localAddress, ...changes }) => {
      const [sent] = await sendAgain(flow, changes, localAddress === undefined ? {} : { localAddress });
      if (sent === undefined) throw new Error('a replay gave no flow');
      return sent;
    },
    sendAgain,
    authority,
    proxyService,
    network: new NetworkService(() => proxy),
    frames,
    onFlow,
  };

  const handlers: Handlers = upToDate(() => capture.settle(), {
    ...appHandlers(parts),
    ...sessionHandlers(parts),
    ...recordHandlers(parts),
    ...codecHandlers(parts),
    ...cookieHandlers(parts),
    ...proxyHandlers(parts),
    ...exchangeHandlers(parts),
    ...storeHandlers(parts),
    ...flowHandlers(parts),
    ...browserHandlers(parts),
    ...policyHandlers(parts),
    ...labHandlers(parts),
    ...proveHandlers(parts),
  });

  const ticking = setInterval(() => guarded('timer of the registry', () => registry.tick()), TICK_MS);
  const tidying = setInterval(() => inBackground('retention', workspace.tidy()), TIDY_MS);
  const telling = setInterval(() => guarded('timer of the counts', emitNotRecorded), TICK_MS);
  let told = 0;
  const emitNotRecorded = (): void => {
    const info = proxyInfo(parts);
    if (info.notRecorded === told) return;
    told = info.notRecorded;
    emitter.emit('proxy.changed', { proxy: info });
  };

  if (workspace.problem !== undefined) log(`workspace: ${workspace.problem.message}`);
  void browsers.removeLeftovers().catch(() => {});
  await cookies.resume();
  await reattach(parts, notify);
  for (const notice of await parts.lab.recover()) notify(notice);
  for (const notice of authority.notices) {
    log(`certificate: ${notice.message}`);
    notify(notice);
  }
  // What a policy that was run by command left behind when it was killed.
  const recovering = recoverJournals(path.join(folder, JOURNAL_FOLDER)).then(
    (notices) => notices.forEach(notify),
    (error: unknown) => notify({ level: 'warning', message: toProblem(error).message }),
  );

  let closing: Promise<void> | undefined;
  return {
    handlers,
    subscribe: (listener) => emitter.subscribe(listener),
    close() {
      closing ??= (async () => {
        for (const timer of [ticking, tidying, telling]) clearInterval(timer);
        await parts.lab.close();
        await recovering;
        await browsers.closeAll();
        await practice.stop();
        proxyService.close();
        await proxy.close();
        capture.settle();
        await check.close();
        watch.close();
        registry.announce();
        registry.close();
        feed.close();
        tasks.close();
        await sandboxes.close();
        await stores.close();
        await pool.close();
        await bodies.close();
        await workspace.close();
      })();
      return closing;
    },
  };
}

/** The stores of last time, joined again; what was under way in them when the program ended is sorted out. */
async function reattach(parts: Parts, notify: (notice: Notice) => void): Promise<void> {
  for (const url of texts(parts.workspace.settings.get(SETTING.stores))) {
    try {
      const storeId = await attachStore(parts, url);
      for (const { outcome, text } of await parts.undo.recover(storeId)) {
        notify({ level: outcome === 'unclear' ? 'warning' : 'info', message: text });
      }
    } catch (error) {
      const { message, remedy } = toProblem(error);
      notify({ level: 'warning', message, ...(remedy === undefined ? {} : { remedy }) });
    }
  }
}

/** Of a flow that did not pass the recorder: it may have been put before, and its answer comes with the first phase. */
function newsOf(phase: FlowPhase): FlowNews {
  return { isNew: false, answered: phase === 'response' };
}

/** An edited cookie that went up with the request and came back with another value was overwritten by this answer. */
function noteAnswers(cookies: CookieService, flow: Flow, sightings: readonly Sighting[]): void {
  for (const set of sightings) {
    if (set.direction !== 'response' || set.carrier.kind !== 'cookie') continue;
    const { name } = set.carrier;
    const sent = sightings.find(
      ({ direction, carrier }) => direction === 'request' && carrier.kind === 'cookie' && carrier.name === name,
    );
    if (sent !== undefined) cookies.answered(set.host, name, sent.raw, set.raw, flow.id);
  }
}
