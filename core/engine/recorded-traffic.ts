import type { BodyStore } from '../capture/body-store.ts';
import { type Capture, createCapture, type FlowNews, type FlowPhase } from '../capture/capture.ts';
import { sightingsOf } from '../capture/flow-sightings.ts';
import { FrameRecorder } from '../capture/frame-recorder.ts';
import type { Flow, FlowSummary } from '../model/flow.ts';
import type { Sighting } from '../model/session.ts';
import type { Exchange } from '../proxy/exchange.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Emitter } from './emitter.ts';
import { FlowFeed } from './flow-feed.ts';
import { SETTING } from './settings.ts';

/** An exchange becomes known so long (ms) after its last news; a caller of `settle` sees it at once. */
const GATHER_MS = 10;

export interface RecordedTrafficPorts {
  readonly workspace: Pick<Workspace, 'flows' | 'settings'>;
  readonly bodies: BodyStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly emitter: Emitter;
  /** Whether an exchange is the debugger's own, and is not recorded. */
  readonly isOwn: (exchange: Exchange) => boolean;
}

/** A state of a flow, with what is new in it. */
export interface SeenFlow {
  readonly flow: Flow;
  readonly phase: FlowPhase;
  readonly sightings: readonly Sighting[];
  readonly news: FlowNews;
}

/**
 * What is recorded: flows that pass the proxy, and those that others add (replays, imports). Each goes into the
 * workspace first, then to the listeners in the order in which they began to listen, then to the window.
 */
export class RecordedTraffic {
  readonly capture: Capture;
  readonly frames: FrameRecorder;
  readonly #workspace: RecordedTrafficPorts['workspace'];
  readonly #feed: FlowFeed;
  readonly #listeners: ((seen: SeenFlow) => void)[] = [];

  constructor({ workspace, bodies, clock, emitter, isOwn }: RecordedTrafficPorts) {
    this.#workspace = workspace;
    this.frames = new FrameRecorder(bodies);
    this.#feed = new FlowFeed((ids, more) => {
      const flows = ids
        .map((id) => workspace.flows.summary(id))
        .filter((flow): flow is FlowSummary => flow !== undefined);
      if (flows.length > 0) emitter.emit('flows.changed', more ? { flows, more } : { flows });
    });
    this.capture = createCapture({
      clock,
      onBegin: (id) => workspace.flows.reserve(id),
      onFlow: (flow, phase, sightings, news) => this.#seen({ flow, phase, sightings, news }),
      gatherMs: GATHER_MS,
      bodies,
      ignore: isOwn,
      wanted: (name) => workspace.settings.isCalledSession(name),
    });
    if (workspace.settings.get(SETTING.recording) === false) this.capture.pause();
  }

  /** Every later state of every flow. Must be quick: the proxy waits. */
  onFlow(listener: (seen: SeenFlow) => void): void {
    this.#listeners.push(listener);
  }

  /** Passes on what has gathered: after this, everything that was seen of the traffic is known everywhere. */
  readonly settle = (): void => this.capture.settle();

  /** Adds a finished flow that did not pass the proxy, with what it shows of sessions. */
  add(flow: Flow, sightings: readonly Sighting[] = sightingsOf(flow)): void {
    // It may have been put before, and its answer comes with the first phase.
    this.#seen({ flow, phase: 'response', sightings, news: { isNew: false, answered: true } });
    this.#seen({ flow, phase: 'end', sightings: [], news: { isNew: false, answered: false } });
  }

  /**
   * Adds a flow that was sent from here. What an experiment sends (forged ids, dropped cookies) is evidence, and shows no
   * session of a visitor.
   */
  addSent(flow: Flow): void {
    if (flow.origin?.experiment === undefined) {
      this.add(flow);
      return;
    }
    this.#workspace.flows.put(flow);
    this.#feed.add(flow.id);
  }

  /** The number of exchanges that passed without being recorded. */
  get notRecorded(): number {
    const { paused, scope } = this.capture.notRecorded;
    return paused + scope;
  }

  /** The number of bodies that came faster than the disk took them. */
  get bodiesLeftOut(): number {
    return this.capture.notRecorded.bodiesLeftOut;
  }

  setRecording(on: boolean): void {
    if (on) this.capture.resume();
    else this.capture.pause();
    this.#workspace.settings.set(SETTING.recording, on);
  }

  close(): void {
    this.#feed.close();
  }

  #seen(seen: SeenFlow): void {
    const { phase, news } = seen;
    // An imported WebSocket brings its frames along.
    const passes = seen.flow.kind === 'websocket' && seen.flow.origin?.imported === undefined;
    if (phase === 'response' && passes) this.frames.begin(seen.flow.id);
    const kept = phase === 'end' ? this.frames.end(seen.flow.id) : undefined;
    const flow = kept === undefined ? seen.flow : { ...seen.flow, frames: kept };
    this.#workspace.flows.put(flow, news.isNew);
    for (const listener of this.#listeners) listener({ ...seen, flow });
    this.#feed.add(flow.id);
  }
}
