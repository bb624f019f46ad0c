import type { Duplex } from 'node:stream';
import type { Engine } from '../engine.ts';
import type { EngineExchange } from '../engine-exchange.ts';
import { BEHIND } from '../http1/http-writer.ts';
import { FrameReader } from '../websocket/frame-reader.ts';

export interface Splice {
  readonly client: Duplex;
  readonly origin: Duplex;
  /** Bytes that were read already and belong to the other side. */
  readonly fromClient: Buffer;
  readonly fromOrigin: Buffer;
  /** Sees the bytes pass; may throw nothing. */
  readonly onClientBytes: (bytes: Buffer) => void;
  readonly onOriginBytes: (bytes: Buffer) => void;
  /** Milliseconds without a byte after which a half-closed tunnel is closed. */
  readonly halfClosed: number;
  /** Called once, when both directions are over. */
  readonly done: (error: Error | undefined) => void;
}

/** Joins two connections: bytes, backpressure, half-close and breaking off, both ways. */
export function splice(ends: Splice): void {
  const { client, origin } = ends;
  let over = false;
  let failure: Error | undefined;
  let lonely: NodeJS.Timeout | undefined;
  const finish = () => {
    if (over) return;
    over = true;
    clearTimeout(lonely);
    client.destroy();
    origin.destroy();
    ends.done(failure);
  };
  const join = (from: Duplex, to: Duplex, first: Buffer, see: (bytes: Buffer) => void) => {
    const pass = (bytes: Buffer) => {
      see(bytes);
      lonely?.refresh();
      to.write(bytes);
      if (to.writableLength > BEHIND) from.pause();
    };
    to.on('drain', () => from.resume());
    from.on('error', (error: Error) => {
      failure ??= error;
    });
    const ended = () => {
      to.end();
      // The other side may still have much to say, or never notice: a reset client looks the same from here.
      if (!over) lonely ??= setTimeout(finish, ends.halfClosed);
    };
    from.on('end', ended);
    // What was written leaves before the other side is closed, too.
    from.on('close', () => {
      if (over) return;
      if (to.destroyed || to.writableFinished) {
        finish();
        return;
      }
      lonely ??= setTimeout(finish, ends.halfClosed);
      to.end(finish);
    });
    if (first.length > 0) pass(first);
    if (from.readableEnded) ended(); // while the other side was being connected
    from.on('data', pass);
    from.resume();
  };
  join(client, origin, ends.fromClient, ends.onClientBytes);
  join(origin, client, ends.fromOrigin, ends.onOriginBytes);
  if (client.destroyed || origin.destroyed) finish();
}

/** Joins a client and an application after 101; reads the frames of a WebSocket in passing. */
export function joinUpgraded(
  engine: Engine,
  exchange: EngineExchange,
  ends: Pick<Splice, 'client' | 'origin' | 'fromClient' | 'fromOrigin' | 'done'> & { readonly head: string },
): void {
  const { clock, hooks, limits } = engine;
  const frames = exchange.kind === 'websocket' && hooks.wantsFrames;
  const onFrame = (frame: Parameters<typeof hooks.webSocketFrame>[1]) => hooks.webSocketFrame(exchange, frame);
  const fromClient = frames ? new FrameReader('client', limits.webSocketPayload, clock, onFrame) : undefined;
  const fromOrigin = frames ? new FrameReader('server', limits.webSocketPayload, clock, onFrame) : undefined;
  ends.client.write(ends.head, 'latin1');
  splice({
    ...ends,
    halfClosed: limits.halfClosed,
    onClientBytes: (bytes) => {
      exchange.requestBytes += bytes.length;
      fromClient?.feed(bytes);
    },
    onOriginBytes: (bytes) => {
      exchange.responseBytes += bytes.length;
      fromOrigin?.feed(bytes);
    },
  });
}
