import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Engine } from '../../core/engine/engine.ts';
import type { Diagnosis } from '../../core/model/diagnosis.ts';
import type { Outlook, Trial } from '../../core/model/outlook.ts';
import { problem } from '../../core/model/problem.ts';
import type { SessionSummary } from '../../core/model/session.ts';
import { visible } from '../../core/model/visible.ts';
import { removeTemporary, temporaryFolder } from '../../core/stores/temporary-folder.ts';
import { whyNotRead } from '../files.ts';
import { print, printJson, printLines } from '../output.ts';
import { progressLine } from '../progress.ts';

export interface WhyOptions {
  readonly session?: string;
  readonly json?: boolean;
  readonly survive?: boolean;
}

/** Exit status: 0 every session that was asked about is explained, 1 none ended or one cannot be explained. */
export async function whyCommand(file: string, options: WhyOptions, version: string): Promise<0 | 1> {
  const folder = temporaryFolder('sessionscope-why-');
  try {
    const engine = await openRecording(file, folder, version);
    try {
      const { sessions } = await engine.handlers['sessions.list']({});
      const chosen =
        options.session === undefined ? sessions : sessions.filter((one) => isMeant(one, options.session ?? ''));
      if (chosen.length === 0) throw noSession(file, options.session, sessions);
      if (options.survive === true) return await printOutlooks(engine, chosen, options.json === true);
      const explained: { session: SessionSummary; diagnosis: Diagnosis }[] = [];
      for (const session of chosen) {
        const diagnosis = await engine.handlers['session.why']({ key: session.key });
        if (options.session !== undefined || diagnosis.loss !== null) explained.push({ session, diagnosis });
      }
      printAll(explained, options.json === true);
      return explained.length > 0 && explained.every(({ diagnosis }) => isExplained(diagnosis)) ? 0 : 1;
    } finally {
      await engine.close();
    }
  } finally {
    removeTemporary(folder);
  }
}

/** An engine of its own on a copy of the recording: the file itself is only read, without counting as use. */
async function openRecording(file: string, folder: string, version: string): Promise<Engine> {
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

function isMeant({ id, key }: SessionSummary, wanted: string): boolean {
  return id.startsWith(wanted) || key === wanted;
}

function noSession(file: string, wanted: string | undefined, sessions: readonly SessionSummary[]) {
  const there = sessions.slice(0, 5).map(({ id, host }) => `${id.slice(0, 12)} (${host})`);
  return problem(
    'not-found',
    wanted === undefined ? `${file} holds no session` : `${file} holds no session ${wanted}`,
    {
      remedy:
        there.length === 0
          ? 'Record the login as well: a session is found by the cookie that it sets.'
          : `There: ${there.join(', ')}`,
      where: file,
    },
  );
}

function isExplained({ loss, causes }: Diagnosis): boolean {
  return loss === null || (causes[0] !== undefined && causes[0].certainty !== 'possible');
}

function printAll(explained: readonly { session: SessionSummary; diagnosis: Diagnosis }[], json: boolean): void {
  if (json) {
    const document = explained.map(({ session: { key, host, id }, diagnosis }) => ({ key, host, id, ...diagnosis }));
    printJson({ sessions: document });
    return;
  }
  if (explained.length === 0) {
    print('No session of this recording was seen to end.');
    return;
  }
  for (const { session, diagnosis } of explained) printLines(textOf(session, diagnosis));
}

function textOf({ host, id }: SessionSummary, { answer, causes }: Diagnosis): string {
  const [first, ...others] = causes;
  const lines = [`${visible(host)}  ${visible(id.slice(0, 16))}`, `  ${visible(answer)}`];
  for (const { at, text, line } of first?.evidence ?? []) {
    const when = at === undefined ? '' : `${new Date(at).toISOString()}  `;
    lines.push(`    ${when}${visible(text)}${line === undefined ? '' : `: ${visible(line)}`}`);
  }
  if (first !== undefined) lines.push(`  What to do: ${visible(first.remedy)}`);
  if (first?.mend !== undefined) lines.push(`    ${visible(first.mend)}`);
  if (others.length > 0)
    lines.push(`  Also fits: ${others.map(({ title, certainty }) => `${title} (${certainty})`).join('; ')}`);
  return `${lines.join('\n')}\n`;
}

const TRIAL: Readonly<Record<Trial, string>> = {
  'browser-restart': 'a restart of the browser',
  deploy: 'a deployment',
  night: 'a night',
  'login-redirect': 'a login redirect from another site',
  'embedded-frame': 'a frame on another site',
};

async function printOutlooks(engine: Engine, sessions: readonly SessionSummary[], json: boolean): Promise<0> {
  const all: { session: SessionSummary; answers: readonly Outlook[] }[] = [];
  for (const session of sessions) {
    const { answers } = await engine.handlers['session.outlook']({ key: session.key });
    all.push({ session, answers });
  }
  if (json) {
    printJson({ sessions: all.map(({ session: { key, host, id }, answers }) => ({ key, host, id, answers })) });
    return 0;
  }
  for (const { session, answers } of all) {
    const lines = answers.map(
      ({ trial, verdict, sentence }) => `  ${TRIAL[trial].padEnd(36)}${verdict.padEnd(13)}${visible(sentence)}`,
    );
    printLines(`${visible(session.host)}  ${visible(session.id.slice(0, 16))}\n${lines.join('\n')}\n`);
  }
  return 0;
}
