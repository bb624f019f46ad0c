/*
 * SQLite's write-ahead log, as its file format documents it: a header of 32 bytes, then frames of 24 bytes and a page.
 * Numbers are big-endian; the checksums run over the header and all frames and say where what is valid ends.
 */

const HEADER = 32;
const FRAME = 24;
const MAGIC = 0x377f0682;

/**
 * The database as of the last commit in its log: a new image, in which the log is applied to the file's pages. The
 * image itself says that it has no log (journal mode `delete`), so that it can be opened from memory.
 *
 * @param database bytes of the database file, taken before those of the log
 * @param log bytes of the `-wal` file; empty where there is none
 */
export function withLog(database: Uint8Array, log: Uint8Array): Buffer {
  const frames = committedFrames(log);
  const length = frames === undefined ? database.length : frames.pages * frames.pageSize;
  const image = Buffer.alloc(length);
  image.set(database.subarray(0, length));
  if (frames !== undefined) {
    for (const [page, at] of frames.at) {
      if (page <= frames.pages) image.set(log.subarray(at, at + frames.pageSize), (page - 1) * frames.pageSize);
    }
  }
  // Bytes 18 and 19 are the versions of the format for writing and reading: 2 stands for a log, 1 for a journal.
  if (image.length >= 20 && image[18] === 2 && image[19] === 2) image.fill(1, 18, 20);
  return image;
}

interface Frames {
  readonly pageSize: number;
  /** Size of the database in pages after the last commit. */
  readonly pages: number;
  /** Where in the log the latest committed content of a page begins. */
  readonly at: ReadonlyMap<number, number>;
}

/** The frames up to the last valid commit; undefined when there is none. */
function committedFrames(log: Uint8Array): Frames | undefined {
  if (log.length < HEADER + FRAME) return undefined;
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  const magic = view.getUint32(0);
  if ((magic & 0xfffffffe) >>> 0 !== MAGIC) return undefined;
  const little = (magic & 1) === 0;
  const pageSize = view.getUint32(8);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return undefined;
  const sum = { a: 0, b: 0 };
  addChecksum(view, 0, 24, little, sum);
  if (sum.a !== view.getUint32(24) || sum.b !== view.getUint32(28)) return undefined;
  const committed = new Map<number, number>();
  const pending = new Map<number, number>();
  let pages = 0;
  for (let at = HEADER; at + FRAME + pageSize <= log.length; at += FRAME + pageSize) {
    // Frames of an earlier round of the log bear other salts.
    if (view.getUint32(at + 8) !== view.getUint32(16) || view.getUint32(at + 12) !== view.getUint32(20)) break;
    addChecksum(view, at, 8, little, sum);
    addChecksum(view, at + FRAME, pageSize, little, sum);
    if (sum.a !== view.getUint32(at + 16) || sum.b !== view.getUint32(at + 20)) break;
    const page = view.getUint32(at);
    if (page === 0) break;
    pending.set(page, at + FRAME);
    const size = view.getUint32(at + 4);
    if (size === 0) continue;
    pages = size;
    for (const [one, place] of pending) committed.set(one, place);
    pending.clear();
  }
  return pages === 0 ? undefined : { pageSize, pages, at: committed };
}

function addChecksum(view: DataView, from: number, length: number, little: boolean, sum: { a: number; b: number }) {
  let { a, b } = sum;
  for (let at = from; at < from + length; at += 8) {
    a = (a + view.getUint32(at, little) + b) >>> 0;
    b = (b + view.getUint32(at + 4, little) + a) >>> 0;
  }
  sum.a = a;
  sum.b = b;
}
