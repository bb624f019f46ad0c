import type { BodyInfo } from '../model/flow.ts';
import { problem } from '../model/problem.ts';
import type { Workspace } from './workspace.ts';

/** Bytes of bodies that are under way; beyond them new bytes pass without being kept. */
const MEMORY_BYTES = 64_000_000;

/** Takes the bytes of one body as they pass. */
interface Writer {
  append(chunk: Uint8Array): void;
  info(): BodyInfo;
  close(): BodyInfo;
}

interface Counts {
  bytesNotKept: number;
  bodiesCut: number;
  bodiesGivenUp: number;
  memoryBytes: number;
  diskBytes: number;
}

/**
 * Bodies kept in the workspace, in the shape of capture's `BodyStore`: they are there after a restart, identical ones
 * once, and go with their flow when the retention takes it.
 */
export function keptBodies({ blobs, flush, limits }: Pick<Workspace, 'blobs' | 'flush' | 'limits'>, prefix: string) {
  let number = 0;
  const counts: Counts = { bytesNotKept: 0, bodiesCut: 0, bodiesGivenUp: 0, memoryBytes: 0, diskBytes: 0 };

  const open = (): Writer => {
    number += 1;
    const ref = `${prefix}-${number}`;
    let chunks: Uint8Array[] = [];
    let size = 0;
    let kept = 0;
    let closed = false;
    const info = (): BodyInfo => (kept === 0 ? { size, kept } : { size, kept, ref });
    return {
      append(chunk) {
        const room = Math.min(limits.bodyBytes - kept, MEMORY_BYTES - counts.memoryBytes, chunk.length);
        // Once something is missing nothing more is kept: what is kept is always the beginning.
        const take = kept < size || closed ? 0 : Math.max(0, room);
        if (take > 0) chunks.push(ownBytes([chunk], take));
        if (take < chunk.length && kept === size) counts.bodiesCut += 1;
        size += chunk.length;
        kept += take;
        counts.memoryBytes += take;
        counts.bytesNotKept += chunk.length - take;
      },
      info,
      close() {
        if (closed) return info();
        closed = true;
        counts.memoryBytes -= kept;
        counts.diskBytes += kept;
        if (kept > 0) blobs.putBody(ref, chunks.length === 1 ? (chunks[0] as Uint8Array) : ownBytes(chunks, kept));
        chunks = [];
        return info();
      },
    };
  };

  return {
    open,
    /** The kept bytes; kind `body-gone` when they are no longer, or not yet, in the workspace. */
    async read(ref: string): Promise<Buffer> {
      const bytes = blobs.body(ref);
      if (bytes !== undefined) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      throw problem('body-gone', 'The body is not kept', { remedy: 'Repeat the request to see it' });
    },
    forget(ref: string): void {
      blobs.removeBody(ref);
    },
    counts: counts as Readonly<Counts>,
    limits: {
      bodyBytes: limits.bodyBytes,
      memoryBytes: MEMORY_BYTES,
      diskBytes: limits.bytes,
      fileBytes: limits.bytes,
    },
    async settled(): Promise<void> {
      await flush();
    },
    async close(): Promise<void> {
      await flush();
    },
  };
}

/** The first `length` bytes in memory of their own: a part of a pool would be sent to the writing thread with all of it. */
function ownBytes(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const own = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    own.set(chunk.length <= length - at ? chunk : chunk.subarray(0, length - at), at);
    at += chunk.length;
  }
  return own;
}
