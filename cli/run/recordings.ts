import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from '../../core/engine/engine.ts';
import { problem } from '../../core/model/problem.ts';
import { whyNotRead } from '../files.ts';
import { progressLine } from '../progress.ts';

/**
 * An engine of its own on a copy of a HAR or workspace: the file itself is only read, without counting as use.
 * @param folder an empty one, for the copy; removed by the caller
 * @throws ProblemError `file-unreadable`
 */
export async function openRecording(file: string, folder: string, version: string): Promise<Engine> {
  const { readQuietly } = await import('../../core/stores/quiet-files.ts');
  const bytes = readRecording(readQuietly, file);
  const { createEngine } = await import('../../core/engine/engine.ts');
  const host = { mode: 'web', version, dataFolder: folder } as const;
  if (bytes.subarray(0, 15).toString('latin1') === 'SQLite format 3') {
    const workspaceFile = path.join(folder, 'recording.sqlite');
    await writeFile(workspaceFile, bytes);
    const log = readIfThere(readQuietly, `${file}-wal`);
    if (log !== undefined) await writeFile(`${workspaceFile}-wal`, log);
    const engine = await createEngine({ ...host, workspaceFile });
    // What is no workspace that can be read is put aside by the engine, which begins a new one in its place.
    const [aside] = (await readdir(folder)).flatMap((name) => /^recording\.(\w+)-.*\.sqlite$/.exec(name)?.[1] ?? []);
    if (aside === undefined) return engine;
    await engine.close();
    throw problem('file-unreadable', `${file} cannot be read: ${ASIDE[aside] ?? 'it is no workspace'}`, {
      remedy: 'Give a HAR, or the workspace file of Sessionscope',
      where: file,
    });
  }
  const engine = await createEngine(host);
  try {
    await importHar(engine, path.basename(file), bytes);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

/** Why a workspace file is put aside, as its new name says. */
const ASIDE: Readonly<Record<string, string>> = {
  damaged: 'the workspace is damaged, or it is no SQLite database',
  newer: 'a newer version of Sessionscope wrote it',
  foreign: 'it is another SQLite database, not a workspace',
};

/** Bytes of one piece. */
const PIECE_BYTES = 4_000_000;

/** Piece by piece: no text of the whole file is made, whatever its size. Ctrl+C ends the command. */
async function importHar(engine: Engine, name: string, bytes: Buffer): Promise<void> {
  const { importId } = await engine.handlers['import.begin']({ name, size: bytes.length });
  const decoder = new TextDecoder();
  const progress = progressLine();
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, at + PIECE_BYTES);
    const text = decoder.decode(piece, { stream: at + PIECE_BYTES < bytes.length });
    await engine.handlers['import.piece']({ importId, text, size: piece.length });
    progress.show(`Reading ${name}: ${Math.floor((100 * (at + piece.length)) / bytes.length)} %`);
  }
  progress.clear();
  await engine.handlers['import.end']({ importId });
}

type Read = (file: string) => Uint8Array;

function readRecording(read: Read, file: string): Buffer {
  try {
    return Buffer.from(read(file));
  } catch (error) {
    throw problem('file-unreadable', `${file} cannot be read: ${whyNotRead(error)}`, {
      remedy: 'Give a HAR, or the workspace file of Sessionscope',
      where: file,
    });
  }
}

function readIfThere(read: Read, file: string): Uint8Array | undefined {
  try {
    return read(file);
  } catch {
    return undefined;
  }
}
