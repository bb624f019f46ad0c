import type { BodyStore } from '../capture/body-store.ts';
import type { Capture, FlowPhase } from '../capture/capture.ts';
import type { FrameRecorder } from '../capture/frame-recorder.ts';
import type { DecodePool } from '../codec/worker/decode-pool.ts';
import type { RecordEditor } from '../editing/record-editor.ts';
import type { Undo } from '../editing/undo.ts';
import type { Flow } from '../model/flow.ts';
import type { Sighting } from '../model/session.ts';
import type { Proxy as ProxyHandle } from '../proxy/options.ts';
import type { Replay } from '../proxy/replay/replay.ts';
import type { RecordWatch } from '../registry/record-watch.ts';
import type { Registry } from '../registry/registry.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { BrowserService } from './browser-service.ts';
import type { CertificateService } from './certificate-service.ts';
import type { CookieService } from './cookie-service.ts';
import type { Emitter } from './emitter.ts';
import type { EngineOptions } from './host.ts';
import type { LabService } from './lab-service.ts';
import type { LayerService } from './layer-service.ts';
import type { NetworkService } from './network-service.ts';
import type { NoticeService } from './notice-service.ts';
import type { PracticeService } from './practice-service.ts';
import type { ProxyService } from './proxy-service.ts';
import type { SandboxPool } from './sandbox-pool.ts';
import type { StoreService } from './store-service.ts';
import type { TaskService } from './task-service.ts';

/** What is to be different when a flow is sent again; null takes a cookie or a header away. */
export interface ReplayAsk {
  readonly cookies?: Readonly<Record<string, string | null>>;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly localAddress?: string;
}

/** Everything the engine owns, for the handlers of the bridge. Made once, in `engine.ts`. */
export interface Parts {
  readonly options: EngineOptions;
  readonly clock: () => number;
  readonly emitter: Emitter;
  readonly notices: NoticeService;
  readonly workspace: Workspace;
  readonly registry: Registry;
  readonly watch: RecordWatch;
  readonly stores: StoreService;
  /** Scratch copies of them for the policy lab. */
  readonly sandboxes: SandboxPool;
  readonly pool: DecodePool;
  readonly tasks: TaskService;
  readonly layers: LayerService;
  readonly records: RecordEditor;
  readonly undo: Undo;
  readonly cookies: CookieService;
  readonly browsers: BrowserService;
  readonly practice: PracticeService;
  readonly lab: LabService;
  readonly capture: Capture;
  readonly bodies: BodyStore;
  readonly proxy: ProxyHandle;
  /** Sends a request again; gives the new flow. */
  readonly replay: (flow: Flow, changes: ReplayAsk) => Promise<Flow>;
  /** The same with all its options; the new flows are recorded. */
  readonly sendAgain: Replay;
  readonly authority: CertificateService;
  readonly proxyService: ProxyService;
  readonly network: NetworkService;
  readonly frames: FrameRecorder;
  /** Takes a flow that did not pass the proxy: a replay, an import. */
  readonly onFlow: (flow: Flow, phase: FlowPhase, sightings: readonly Sighting[]) => void;
}
