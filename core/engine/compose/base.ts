import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { DecodePool } from '../../codec/worker/decode-pool.ts';
import { createDecodePool } from '../../frameworks/decode-pool.ts';
import { inBackground } from '../../model/failures.ts';
import { problem, toProblem } from '../../model/problem.ts';
import { keptBodies } from '../../workspace/kept-bodies.ts';
import { whyNotWritable } from '../../workspace/why-not-writable.ts';
import { openWorkspace, type Workspace } from '../../workspace/workspace.ts';
import { Emitter } from '../emitter.ts';
import type { Host } from '../host.ts';
import { NoticeService } from '../notice-service.ts';
import { EngineCodec } from '../record-codec.ts';
import { TaskService } from '../task-service.ts';

const TIDY_MS = 5 * 60_000;

/** What every feature stands on: the host, the saved state, and how the window is notified. */
export interface Base {
  readonly host: Host;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly emitter: Emitter;
  readonly notices: NoticeService;
  readonly workspace: Workspace;
  readonly bodies: ReturnType<typeof keptBodies>;
  readonly tasks: TaskService;
  readonly pool: DecodePool;
  readonly codec: EngineCodec;
  close(): Promise<void>;
}

/** @throws ProblemError `workspace-refused` */
function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw problem(
      'workspace-refused',
      `The data folder cannot be made: ${whyNotWritable(folder) ?? toProblem(cause).message}`,
      {
        where: folder,
        remedy: 'Choose another folder, or see that this one can be written',
        cause,
      },
    );
  }
}

/** @throws ProblemError when the data folder or the workspace cannot be used */
export async function openBase(host: Host): Promise<Base> {
  const { clock, dataFolder, log, workers, workspaceFile } = host;
  makeDataFolder(dataFolder);
  const emitter = new Emitter();
  const notices = new NoticeService((notice) => emitter.emit('notice', notice));
  host.onFailure?.(notices.notify);
  const nativeBinding = process.env['BETTER_SQLITE3_BINDING'];
  const workspace = await openWorkspace(workspaceFile ?? path.join(dataFolder, 'workspace.sqlite'), {
    clock,
    whenInUse: workspaceFile === undefined ? 'another-file' : 'fail',
    log: (level, message, problem) => {
      log(`workspace: ${message}`);
      notices.notify({ level, message, ...(problem?.remedy === undefined ? {} : { remedy: problem.remedy }) });
    },
    ...(nativeBinding === undefined ? {} : { nativeBinding }),
    ...(workers === undefined
      ? {}
      : { writerUrl: path.join(workers, 'writer-worker.cjs'), readerUrl: path.join(workers, 'reading-worker.cjs') }),
  });
  if (workspace.problem !== undefined) log(`workspace: ${workspace.problem.message}`);
  const bodies = keptBodies(workspace, `b${clock().toString(36)}`);
  const tasks = new TaskService({ notify: (progress) => emitter.emit('progress', progress) });
  const pool = createDecodePool(workers === undefined ? {} : { workerUrl: path.join(workers, 'decode-worker.cjs') });
  const codec = new EngineCodec({ pool, task: tasks.run });
  const tidying = setInterval(() => inBackground('retention', workspace.tidy()), TIDY_MS);
  return {
    host,
    clock,
    emitter,
    notices,
    workspace,
    bodies,
    tasks,
    pool,
    codec,
    async close() {
      clearInterval(tidying);
      tasks.close();
      await pool.close();
      await bodies.close();
      await workspace.close();
    },
  };
}
