import type { Flow } from '../model/flow.ts';
import type { FrameView } from '../model/proxy-settings.ts';
import type { ProxyHooks, WebSocketFrame } from '../proxy/hooks.ts';
import type { BodyStore } from './body-store.ts';

/** Frames kept of one WebSocket: its first ones. The rest is counted. */
const MOST_FRAMES = 1_000;
/** Bytes of payload kept of one frame, of one WebSocket, and of all that are open. */
const FRAME_BYTES = 4_096;
const SOCKET_BYTES = 512 << 10;
const ALL_BYTES = 16 << 20;

interface Open {
  readonly frames: FrameView[];
  bytes: number;
  count: number;
}

/** Keeps the beginning of what passes over recorded WebSockets: in memory while they are open, then as a body. */
export class FrameKeeper {
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
    if (!this.#open.has(flowId)) this.#open.set(flowId, { frames: [], bytes: 0, count: 0 });
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

  /** The frames of a flow, also while it is open. @throws ProblemError `body-gone` */
  async read(flow: Flow): Promise<{ frames: FrameView[]; total: number }> {
    const open = this.#open.get(flow.id);
    if (open !== undefined) return { frames: [...open.frames], total: open.count };
    const { count = 0, ref } = flow.frames ?? {};
    if (ref === undefined) return { frames: [], total: count };
    const text = Buffer.from(await this.#bodies.read(ref)).toString('utf8');
    return { frames: JSON.parse(text) as FrameView[], total: count };
  }

  #add(open: Open, { at, from, opcode, fin, compressed, size, payload }: WebSocketFrame): void {
    open.count += 1;
    if (open.frames.length >= MOST_FRAMES || open.frames.length < open.count - 1) return;
    const kept = payload.subarray(0, FRAME_BYTES);
    if (open.bytes + kept.length > SOCKET_BYTES || this.#bytes + kept.length > ALL_BYTES) return;
    open.bytes += kept.length;
    this.#bytes += kept.length;
    const text = opcode === 1 && !compressed ? kept.toString('utf8') : undefined;
    open.frames.push({
      at,
      from,
      opcode,
      fin,
      compressed,
      size,
      ...(text === undefined ? { base64: kept.toString('base64') } : { text }),
    });
  }
}
