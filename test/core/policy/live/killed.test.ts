import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine } from '../../../../core/engine/engine.ts';
import type { Notice } from '../../../../core/model/app.ts';
import type { DieInLab } from '../../../support/die-in-lab.ts';
import { type LabPlace, labPlace, PLACE_KINDS } from '../../../support/lab-places.ts';
import { needs } from '../../../support/needs.ts';

/*
 * kill -9 in the middle of experiments on the real web.py, at one step after the other, and a restart of the engine on
 * the same data folder: the store is as it was. All steps with LAB_KILLS=all; otherwise every so-manieth, each store
 * beginning elsewhere.
 */

const EVERY = process.env['LAB_KILLS'] === 'all' ? 1 : 16;
const CHILD = path.resolve(import.meta.dirname, '../../../support/die-in-lab.ts');

interface Ended {
  readonly killed: boolean;
  readonly told: { steps: string[]; state: string; restored: boolean; problem?: unknown } | undefined;
}

function runChild(ask: DieInLab): Promise<Ended> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(ask)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk));
  return new Promise((resolve, reject) => {
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve({ killed: true, told: undefined });
      else if (code === 0) resolve({ killed: false, told: JSON.parse(out) as Ended['told'] });
      else reject(new Error(`the run ended with ${code}: ${errors}`));
    });
  });
}

/** Starts the engine on the data folder, lets it put things right, and gives what it told about that. */
async function restart(dataFolder: string): Promise<string[]> {
  const told: string[] = [];
  const engine = await createEngine({ mode: 'web', version: '0', dataFolder });
  engine.subscribe((name, event) => {
    if (name === 'notice') told.push((event as Notice).message);
  });
  // A window asks this first, and is told what happened at the start.
  await engine.handlers['app.info']({});
  await engine.close();
  return told;
}

needs('webpy', 'postgres', 'mariadb', 'psycopg2', 'pymysql').each(PLACE_KINDS.map((kind, at) => ({ kind, at })))(
  'kill -9 in the middle of experiments: $kind',
  ({ kind, at }) => {
    let place: LabPlace;
    beforeAll(async () => {
      place = await labPlace(kind);
    }, 60_000);
    afterAll(() => place?.stop());

    const killAtEach = async (experiments: readonly string[]): Promise<{ steps: number; kills: number }> => {
      const ask = (dieAt: number): DieInLab => ({
        workspace: path.join(place.folder, 'workspace.sqlite'),
        target: place.target,
        cookie: place.id,
        experiments,
        settings: { addresses: ['127.0.0.2'], absoluteSeconds: 86_400 },
        dieAt,
      });
      const before = await place.look();
      const whole = await runChild(ask(0));
      expect(whole.told).toMatchObject({ state: 'done', restored: true });
      expect(whole.told?.problem).toBeUndefined();
      expect(await place.look()).toEqual(before);
      const steps = whole.told?.steps ?? [];
      let kills = 0;
      const first = 1 + ((at * 2) % EVERY);
      for (let dieAt = first; dieAt <= steps.length; dieAt += EVERY) {
        const { killed } = await runChild(ask(dieAt));
        kills += killed ? 1 : 0;
        const told = await restart(place.folder);
        expect(await place.look(), `killed at step ${dieAt}, ${steps[dieAt - 1]}`).toEqual(before);
        for (const one of told) expect(one).toMatch(/^The policy lab was interrupted: .*(as it was|were removed)$/);
      }
      console.log(`${kind}: ${kills} kills at ${steps.length} steps of ${experiments.join(', ')}: the store as before`);
      return { steps: steps.length, kills };
    };

    it('records removed, sessions logged out, foreign ids sent, addresses changed', { timeout: 900_000 }, async () => {
      const { kills } = await killAtEach(['record-alone', 'address-change', 'logout', 'unknown-id']);
      expect(kills).toBeGreaterThan(4);
    });

    it('records aged and canaries planted', { timeout: 900_000 }, async () => {
      const { kills } = await killAtEach(['idle-expiry']);
      expect(kills).toBeGreaterThan(1);
    });
  },
);
