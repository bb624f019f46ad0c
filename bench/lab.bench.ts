import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encodeSession } from '../core/frameworks/webpy/session/encoding.ts';
import { computeMatrix } from '../core/frameworks/webpy/simulation/matrix.ts';
import { openSandbox } from '../core/frameworks/webpy/stores/sandbox.ts';
import type { MatrixQuestion } from '../core/model/lab.ts';
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
  const bench = await openSandbox(`disk:${folder}`);
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

  for (const store of ['disk', 'sqlite'] as const) {
    const search: number[] = [];
    const timeouts = quick ? USUAL.slice(0, 2) : [...USUAL, ...ODD];
    let exact = 0;
    let between = 0;
    for (const timeout of timeouts) {
      const { atLeast, atMost, seconds } = await searchLimit(store, timeout);
      search.push(seconds);
      if (atLeast === timeout && atMost === timeout) exact += 1;
      else if (atLeast <= timeout && timeout <= atMost) between += 1;
      else throw new Error(`the idle limit ${timeout} s was taken for ${atLeast} to ${atMost} s`);
    }
    const n = timeouts.length;
    const figure = `idle-limit-${store}`;
    report({ bench: 'lab', figure, value: median(search), unit: 's', n });
    report({ bench: 'lab', figure: `${figure}-slowest`, value: Math.max(...search), unit: 's', n });
    report({ bench: 'lab', figure: `${figure}-to-the-second`, value: exact, unit: 'limits', n });
    report({ bench: 'lab', figure: `${figure}-between-two`, value: between, unit: 'limits', n });
  }
};

/** Seconds: limits that people choose, which are found to the second, and others, for which two bounds are found. */
const USUAL = [86_400, 5_400, 3_600, 1_800, 604_800] as const;
const ODD = [61, 12_345, 2_591_999] as const;

interface Search {
  /** Whole seconds, equal where the limit was found to the second. */
  readonly atLeast: number;
  readonly atMost: number;
  readonly seconds: number;
}

/** The idle limit of the real web.py with a timeout, searched as the lab does, and how long that took. */
async function searchLimit(kind: 'disk' | 'sqlite', timeout: number): Promise<Search> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'bench-lab-'));
  const file = path.join(dir, 'app.db');
  const store = kind === 'disk' ? ({ kind, dir } as const) : ({ kind, file } as const);
  const storeUrl = kind === 'disk' ? `disk:${dir}` : `sqlite:${file}?table=sessions`;
  const options = { store, app: 'lab', parameters: { timeout } } as const;
  try {
    const first = await startWebpy(options);
    const target = { origin: first.origin, storeUrl, cookieName: 'webpy_session_id' };
    const cookie = await logIn(target);
    await first.stop();
    // A fresh process cleans up at its first request: that is what the search looks at.
    const app = await startWebpy(options);
    try {
      const result = await runLab({ ...target, origin: app.origin }, { cookie, experiments: ['idle-limit'] });
      const [low, high = low] = result.outcome('idle-limit')?.measured ?? [];
      return { atLeast: Number(low?.value), atMost: Number(high?.value), seconds: result.tookMs / 1000 };
    } finally {
      await app.stop();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
