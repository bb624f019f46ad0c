import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { MatrixQuestion } from '../core/model/lab.ts';
import { computeMatrix } from '../core/policy/matrix.ts';
import { encodeSession } from '../core/session/encoding.ts';
import { openScratchBench } from '../core/stores/scratch-bench.ts';
import { logIn, runLab } from '../test/support/lab-harness.ts';
import { startWebpy } from '../test/support/webpy/webpy.ts';
import { type Bench, median } from './report.ts';

const ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';

/** A map of 10,000 questions, and the idle limit of a live web.py found without waiting for it. */
export const run: Bench = async (report, { quick }) => {
  const rounds = quick ? 1 : 5;
  const question: MatrixQuestion = {
    profiles: ['0.37', '0.40', '0.62', 'intended'],
    addresses: ['127.0.0.1', '127.0.0.2', '::1', '203.0.113.7', '10.0.0.1'],
    timeouts: Array.from({ length: 20 }, (_, i) => 600 * (i + 1)),
    ages: Array.from({ length: 25 }, (_, i) => 600 * i + 300),
    ignore_expiry: true,
    ignore_change_ip: false,
    cleanup: 'at-request',
  };
  const values = new Map<unknown, unknown>([
    ['session_id', ID],
    ['count', 41],
    ['ip', '127.0.0.1'],
  ]);
  const subject = { recordId: ID, cookieName: 'webpy_session_id', cookieValue: ID, now: Date.now() };
  const matrix: number[] = [];
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-lab-'));
  writeFileSync(path.join(folder, ID), encodeSession(values));
  const bench = await openScratchBench(`disk:${folder}`);
  try {
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      const { cells } = await computeMatrix(bench, subject, question, { clock: Date.now });
      if (cells.length !== 10_000) throw new Error(`${cells.length} cells`);
      matrix.push(performance.now() - began);
    }
  } finally {
    await bench.dispose();
    rmSync(folder, { recursive: true });
  }
  report({ bench: 'lab', figure: 'matrix-10000', value: median(matrix), unit: 'ms', n: rounds });

  const search: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'bench-lab-'));
    const options = { store: { kind: 'disk', dir }, app: 'lab', parameters: { timeout: 5_400 } } as const;
    const first = await startWebpy(options);
    const target = { origin: first.origin, storeUrl: `disk:${dir}`, cookieName: 'webpy_session_id' };
    const cookie = await logIn(target);
    await first.stop();
    // A fresh process cleans up at its first request: that is what the search looks at.
    const app = await startWebpy(options);
    try {
      const result = await runLab({ ...target, origin: app.origin }, { cookie, experiments: ['idle-limit'] });
      const found = result.outcome('idle-limit')?.measured?.[0]?.value;
      if (found !== 5_400) throw new Error(`the idle limit was taken for ${found} s`);
      search.push(result.tookMs / 1000);
    } finally {
      await app.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  }
  report({ bench: 'lab', figure: 'idle-limit-to-the-second', value: median(search), unit: 's', n: rounds });
};
