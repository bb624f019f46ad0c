/*
 * A process that runs experiments of the policy lab and kills itself (kill -9) at a step of the run: after a journal was
 * written, before or after a write into the store, with a request just sent, or with its answer just there.
 * node die-in-lab.ts '{"workspace": …, "target": …, "cookie": …, "experiments": […], "dieAt": 17}'
 * Prints the steps it passed when it was not killed.
 */
import net from 'node:net';
import { LabJournal } from '../../core/engine/lab-journal.ts';
import { SETTING } from '../../core/engine/settings.ts';
import type { LabSettings } from '../../core/model/lab.ts';
import type { RecordStore } from '../../core/model/record.ts';
import { createMany, removeMany } from '../../core/stores/many.ts';
import { openWorkspace } from '../../core/workspace/workspace.ts';
import { type LabTarget, runLab } from './lab-harness.ts';
import { wrapStore } from './wrap-store.ts';

export interface DieInLab {
  /** The workspace file whose journal is used; the store is named in it as attached. */
  readonly workspace: string;
  readonly target: LabTarget;
  readonly cookie: string;
  readonly experiments: readonly string[];
  readonly settings?: Partial<LabSettings>;
  /** Number of the step, from 1; 0: never. Or a step's name: the first of that name. */
  readonly dieAt: number | string;
}

const ask = JSON.parse(process.argv[2] ?? '{}') as DieInLab;
const steps: string[] = [];
function step(what: string): void {
  steps.push(what);
  if (steps.length === ask.dieAt || what === ask.dieAt) process.kill(process.pid, 'SIGKILL');
}

function counted<A extends unknown[], R>(what: string, write: (...args: A) => Promise<R>) {
  return async (...args: A): Promise<R> => {
    step(`before ${what}`);
    const result = await write(...args);
    step(`after ${what}`);
    return result;
  };
}

/** Canaries come and go many at a time: also with the half of them there. */
function halved<T>(what: string, write: (items: readonly T[]) => Promise<unknown>) {
  return async (items: readonly T[]): Promise<void> => {
    const half = items.length >> 1;
    await write(items.slice(0, half));
    step(`half of ${what}`);
    await write(items.slice(half));
    step(`after ${what}`);
  };
}

const wrap = (store: RecordStore): RecordStore =>
  wrapStore(store, {
    replace: counted('replace', (...args) => store.replace(...args)),
    create: counted('create', (...args) => store.create(...args)),
    setLastUsed: counted('setLastUsed', (...args) => store.setLastUsed(...args)),
    remove: counted('remove', (...args) => store.remove(...args)),
    createMany: halved('createMany', async (records) => createMany(store, records)),
    removeMany: async (ids) => {
      await halved('removeMany', async (some: readonly string[]) => removeMany(store, some))(ids);
      return ids.length;
    },
  });

// What is written to the application's port is on its way when `write` returns.
const { port } = new URL(ask.target.origin);
const { write } = net.Socket.prototype;
let experimenting = false;
net.Socket.prototype.write = function (this: net.Socket, ...args: unknown[]): boolean {
  const sent = Reflect.apply(write, this, args) as boolean;
  if (experimenting && String(this.remotePort) === port) step('request sent');
  return sent;
};

const workspace = await openWorkspace(ask.workspace, { clock: Date.now });
workspace.settings.set(SETTING.stores, [ask.target.storeUrl]);
const journal = new LabJournal(workspace).of('run');
experimenting = true;
const shown = await runLab(ask.target, {
  cookie: ask.cookie,
  experiments: ask.experiments,
  ...(ask.settings === undefined ? {} : { settings: ask.settings }),
  // Enough to be planted in several goes: seconds, oldest first.
  ports: { canaryAges: Array.from({ length: 1_100 }, (_, i) => 110_000 - i * 100) },
  wrap,
  around: (replay) => async (flow, changes, options) => {
    const flows = await replay(flow, changes, options);
    step('answered');
    return flows;
  },
  journal: async (entry) => {
    await journal.write(entry);
    step('journal');
  },
});
await workspace.close();
console.log(JSON.stringify({ steps, state: shown.state, restored: shown.restored, problem: shown.problem }));
