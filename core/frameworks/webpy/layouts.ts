import type { Problem } from '../../model/problem.ts';
import type { FileLayout, TableLayout } from '../../stores/layout.ts';
import { atimeProblem } from './stores/atime-problem.ts';

/** The rule for ids in cookies: hex digits of either case, any number. */
const HEX_ID = /^[0-9a-fA-F]+$/;
/** `<id>.<thread name>`: what a crash between write and rename leaves, of web.py or of our own DiskStore. */
const LEFTOVER = /^[0-9a-fA-F]+\.(?:Sessionscope-|.*Thread)/;
const CLEANUP = "web.py's cleanup removes it once it is older than the timeout";

const itself = (id: string): readonly string[] => [id];
const same = (name: string): string => name;

/** The table of a `DBStore`. */
export const webpyTable: TableLayout = {
  kind: 'table',
  id: 'webpy',
  title: 'DBStore',
  framework: 'webpy',
  table: 'sessions',
  columnId: { name: 'session_id', is: ['text', 'bytes'] },
  data: { name: 'data', is: ['text', 'bytes'] },
  lastUsed: { name: 'atime', is: ['time', 'text', 'number', 'integer'], form: 'naive' },
  clockOptional: true,
  clockProblem: atimeProblem,
  excludes: ['expires', 'expiry', 'expire', 'expire_date'],
  recordNames: itself,
  publicId: same,
  compares: 'lastUsed',
};

/** The folder of a `DiskStore`: a file for each id, whose access time is the last use. */
export const webpyFiles: FileLayout = {
  kind: 'file',
  id: 'webpy-disk',
  title: 'DiskStore',
  framework: 'webpy',
  belongs: (name) => HEX_ID.test(name),
  looksLike: (name, head) => HEX_ID.test(name) && (head.length === 0 || looksLikePickledBase64(head)),
  recordNames: (id) => (HEX_ID.test(id.trimEnd()) ? [id] : []),
  publicId: same,
  lastUsedIn: 'atime',
  compares: 'lastUsed',
  odd: oddName,
  remedies: { danglingLink: "Remove it: web.py's cleanup fails on it, which makes a request answer 500" },
};

function oddName(name: string): Problem | undefined {
  if (!LEFTOVER.test(name)) return undefined;
  return {
    kind: 'leftover',
    message: 'A temporary file that a crash left between writing and renaming',
    remedy: CLEANUP,
  };
}

/** Base64 of a pickle of protocol 2 to 5 (`gAJ`, `gAN`, `gAS`, `gAV`) or of an older one (`KGRw`, `Y2`). */
function looksLikePickledBase64(head: Uint8Array): boolean {
  return /^(?:gA[JNRSVW]|KGRw|KGlw|Y[2c3]|fXEA|fQ)/.test(Buffer.from(head.subarray(0, 8)).toString('latin1'));
}
