import type { BodyStore } from '../capture/body-store.ts';
import type { Capture, FlowPhase } from '../capture/capture.ts';
import type { FrameKeeper } from '../capture/frames.ts';
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
import type { BenchDesk } from './bench-desk.ts';
import type { BrowserDesk } from './browser-desk.ts';
import type { CertificateDesk } from './certificate-desk.ts';
import type { CookieDesk } from './cookie-desk.ts';
import type { Emitter } from './emitter.ts';
import type { EngineOptions } from './host.ts';
import type { LabDesk } from './lab-desk.ts';
import type { LayerDesk } from './layer-desk.ts';
import type { NetworkDesk } from './network-desk.ts';
import type { NoticeDesk } from './notice-desk.ts';
import type { PracticeDesk } from './practice-desk.ts';
import type { ProxyDesk } from './proxy-desk.ts';
import type { StoreDesk } from './store-desk.ts';
import type { TaskDesk } from './task-desk.ts';

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
  readonly notices: NoticeDesk;
  readonly workspace: Workspace;
  readonly registry: Registry;
  readonly watch: RecordWatch;
  readonly stores: StoreDesk;
  /** Scratch copies of them for the policy lab. */
  readonly benches: BenchDesk;
  readonly pool: DecodePool;
  readonly tasks: TaskDesk;
  readonly layers: LayerDesk;
  readonly records: RecordEditor;
  readonly undo: Undo;
  readonly cookies: CookieDesk;
  readonly browsers: BrowserDesk;
  readonly practice: PracticeDesk;
  readonly lab: LabDesk;
  readonly capture: Capture;
  readonly bodies: BodyStore;
  readonly proxy: ProxyHandle;
  /** Sends a request again; gives the new flow. */
  readonly replay: (flow: Flow, changes: ReplayAsk) => Promise<Flow>;
  /** The same with all its options; the new flows are recorded. */
  readonly sendAgain: Replay;
  readonly authority: CertificateDesk;
  readonly desk: ProxyDesk;
  readonly network: NetworkDesk;
  readonly frames: FrameKeeper;
  /** Takes a flow that did not pass the proxy: a replay, an import. */
  readonly onFlow: (flow: Flow, phase: FlowPhase, sightings: readonly Sighting[]) => void;
}
