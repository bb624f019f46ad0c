import type { Flow } from '../model/flow.ts';
import type { FrameView } from '../model/proxy-settings.ts';
import type { ProxyHooks, WebSocketFrame } from '../proxy/hooks.ts';
import type { BodyStore } from './body-store.ts';
import { FrameViewer, type KeptFrame } from './frame-views.ts';

/** Frames kept of one WebSocket: its first ones. The rest is counted. */
const MOST_FRAMES = 1_000;
/**
 * Bytes of payload kept of one frame, of one WebSocket, and of all that are open. Compressed frames are kept whole as far
 * as the proxy gives them: later ones cannot be inflated without them.
 */
const FRAME_BYTES = 4_096;
const SOCKET_BYTES = 512 << 10;
const ALL_BYTES = 16 << 20;

interface Open {
  readonly frames: KeptFrame[];
  /** Whether the message under way is compressed. */
  readonly compressed: { client: boolean; server: boolean };
  bytes: number;
  count: number;
  /** Made when somebody looks at the frames for the first time. */
  viewer?: FrameViewer;
}

/** Keeps the beginning of what passes over recorded WebSockets: in memory while they are open, then as a body. */
export class FrameRecorder {
  readonly #bodies: Pick<BodyStore, 'open' | 'read'>;
  readonly #open = new Map<string, Open>();
  #bytes = 0;

  constructor(bodies: Pick<BodyStore, 'open' | 'read'>) {
    this.#bodies = bodies;
  }

  readonly hooks: ProxyHooks = {
    name: 'frames',
    webSocketFrame: ({ id }, frame) => {
      const open = this.#open.get(id);
      if (open !== undefined) this.#add(open, frame);
    },
  };

  /** A recorded flow has become a WebSocket: from now on its frames are kept. */
  begin(flowId: string): void {
    if (!this.#open.has(flowId))
      this.#open.set(flowId, { frames: [], compressed: { client: false, server: false }, bytes: 0, count: 0 });
  }

  /** The flow is over. @returns what its head says of its frames */
  end(flowId: string): Flow['frames'] {
    const open = this.#open.get(flowId);
    if (open === undefined) return undefined;
    this.#open.delete(flowId);
    this.#bytes -= open.bytes;
    const { count, frames } = open;
    if (frames.length === 0) return { count, kept: 0 };
    const writer = this.#bodies.open();
    writer.append(Buffer.from(JSON.stringify(frames)));
    const { size, kept, ref } = writer.close();
    return ref === undefined || kept < size ? { count, kept: 0 } : { count, kept: frames.length, ref };
  }

  /**
   * The frames of a flow for a user, also while it is open; for an export with whole payloads, as base64.
   * @throws ProblemError `body-gone`
   */
  async read(
    flow: Flow,
    { whole = false }: { readonly whole?: boolean } = {},
  ): Promise<{ frames: FrameView[]; total: number }> {
    const open = this.#open.get(flow.id);
    if (open !== undefined && whole) {
      const viewer = new FrameViewer(extensionsOf(flow), { whole });
      viewer.add(open.frames);
      return { frames: viewer.views, total: open.count };
    }
    if (open !== undefined) {
      open.viewer ??= new FrameViewer(extensionsOf(flow));
      open.viewer.add(open.frames.slice(open.viewer.views.length));
      return { frames: [...open.viewer.views], total: open.count };
    }
    const { count = 0, ref } = flow.frames ?? {};
    if (ref === undefined) return { frames: [], total: count };
    const viewer = new FrameViewer(extensionsOf(flow), { whole });
    viewer.add(JSON.parse(Buffer.from(await this.#bodies.read(ref)).toString('utf8')) as KeptFrame[]);
    return { frames: viewer.views, total: count };
  }

  #add(open: Open, { at, from, opcode, fin, compressed, size, payload }: WebSocketFrame): void {
    open.count += 1;
    if (open.frames.length >= MOST_FRAMES || open.frames.length < open.count - 1) return;
    // RSV1 stands on the first frame of a message only: its continuations are compressed too.
    if (opcode === 1 || opcode === 2) open.compressed[from] = compressed;
    const deflated = opcode < 8 && open.compressed[from];
    const kept = deflated ? payload : payload.subarray(0, FRAME_BYTES);
    if (open.bytes + kept.length > SOCKET_BYTES || this.#bytes + kept.length > ALL_BYTES) return;
    open.bytes += kept.length;
    this.#bytes += kept.length;
    open.frames.push({ at, from, opcode, fin, compressed, size, base64: kept.toString('base64') });
  }
}

function extensionsOf({ response }: Flow): string {
  const { rawHeaders = [] } = response ?? {};
  return rawHeaders
    .filter((_, i) => rawHeaders[i - 1]?.toLowerCase() === 'sec-websocket-extensions' && i % 2 === 1)
    .join(',');
}
