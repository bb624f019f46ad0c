import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openRecordStore } from '../core/frameworks/stores.ts';
import { decodeSessionNode, encodeSession } from '../core/frameworks/webpy/session/encoding.ts';
import { scanRecords } from '../core/stores/scan-records.ts';
import { type Bench, median } from './report.ts';

/** What a Python programmer would write to see all sessions of a directory. Prints the seconds it took. */
const PYTHON = `
import base64, os, pickle, sys, time
root = sys.argv[1]
began = time.perf_counter()
sessions = {}
for name in os.listdir(root):
    path = os.path.join(root, name)
    with open(path, 'rb') as f:
        raw = f.read()
    sessions[name] = (os.stat(path).st_atime, pickle.loads(base64.decodebytes(raw)))
took = time.perf_counter() - began
assert len(sessions) == int(sys.argv[2]), len(sessions)
print(took)
`;

/**
 * Sessions per second listed and decoded (to typed values) from a DiskStore directory without touching an access time,
 * beside a CPython script that lists and unpickles the same files.
 */
export const run: Bench = async (report, { quick }) => {
  for (const count of quick ? [1000, 10_000] : [1000, 10_000, 100_000]) {
    const root = makeSessions(count);
    try {
      const runs = quick ? 3 : count > 50_000 ? 5 : 9;
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let n = 0; n < runs; n++) {
        ours.push(await listAndDecode(root, count));
        theirs.push(
          Number(execFileSync('/usr/bin/python3', ['-c', PYTHON, root, String(count)], { encoding: 'utf8' })),
        );
      }
      report({
        bench: 'stores',
        figure: `disk-list-decode-${count}`,
        value: count / median(ours),
        unit: 'sessions/s',
        beside: { cpython: count / median(theirs) },
        n: runs,
      });
    } finally {
      fs.rmSync(root, { recursive: true, force: true });
    }
  }
};

/** Seconds. */
async function listAndDecode(root: string, count: number): Promise<number> {
  const began = performance.now();
  const sessions = new Map<string, unknown>();
  const store = await openRecordStore(`disk:${root}`);
  for await (const { listing, record } of scanRecords(store)) {
    if (record !== undefined) sessions.set(listing.id, [listing.lastUsed, decodeSessionNode(record.bytes)]);
  }
  await store.close();
  const took = performance.now() - began;
  if (sessions.size !== count) throw new Error(`${sessions.size} of ${count} sessions`);
  return took / 1000;
}

function makeSessions(count: number): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'sessionscope-bench-'));
  for (let n = 0; n < count; n++) {
    const id = n.toString(16).padStart(8, '0').repeat(5);
    const data = new Map<unknown, unknown>([
      ['session_id', id],
      ['count', n],
      ['user', n % 3 === 0 ? null : `user${n}`],
      ['cart', Array.from({ length: n % 4 }, (_, item) => ({ id: item, price: 19.5, name: `thing ${item}` }))],
      ['ip', '127.0.0.1'],
    ]);
    fs.writeFileSync(path.join(root, id), encodeSession(data));
  }
  return root;
}
