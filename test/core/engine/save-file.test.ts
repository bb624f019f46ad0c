import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';

let folder: string;
let engine: Engine;
let chosen: string | null;
let asked: unknown[];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'save-file-'));
  asked = [];
  engine = await createEngine({
    mode: 'desktop',
    version: '1',
    dataFolder: path.join(folder, 'data'),
    pickFile: async (dialog) => {
      asked.push(dialog);
      return chosen;
    },
  });
});

afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const save = (content: { text: string } | { base64: string }) =>
  engine.handlers['app.saveFile']({ title: 'Save flows.har', name: 'flows.har', content });

it('answers when the file is there, under the name that the dialog was given, readable by its owner alone', async () => {
  chosen = path.join(folder, 'flows.har');
  expect(await save({ text: '{"log":"Ünïcode"}' })).toEqual({ path: chosen });
  expect(asked).toEqual([{ kind: 'save', title: 'Save flows.har', name: 'flows.har' }]);
  expect(readFileSync(chosen, 'utf8')).toBe('{"log":"Ünïcode"}');
  expect(statSync(chosen).mode & 0o077).toBe(0);
  expect(await save({ base64: 'AAH/' })).toEqual({ path: chosen });
  expect([...readFileSync(chosen)]).toEqual([0, 1, 255]);
});

it('cancelled, it writes nothing and says so', async () => {
  chosen = null;
  expect(await save({ text: 'x' })).toEqual({ path: null });
});

it('a place that cannot be written is a problem with its reason', async () => {
  chosen = path.join(folder, 'missing', 'flows.har');
  await expect(save({ text: 'x' })).rejects.toMatchObject({
    problem: { kind: 'not-saved', where: chosen, remedy: expect.anything() },
  });
  expect(existsSync(chosen)).toBe(false);
});
