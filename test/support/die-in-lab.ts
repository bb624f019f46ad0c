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
  /** Number of the step, from 1; 0: never. */
  readonly dieAt: number;
}

/** Canaries are hundreds of writes that are all alike: one in so many counts. */
const CANARIES = 150;
/** A canary's id: a prefix of 16 bytes and its number, as hex. */
const CANARY = /^[0-9a-f]{32}0000[0-9a-f]{4}$/;

const ask = JSON.parse(process.argv[2] ?? '{}') as DieInLab;
const steps: string[] = [];
function step(what: string): void {
  steps.push(what);
  if (steps.length === ask.dieAt) process.kill(process.pid, 'SIGKILL');
}

let canaries = 0;
function counted<A extends [string, ...unknown[]], R>(what: string, write: (...args: A) => Promise<R>) {
  return async (...args: A): Promise<R> => {
    const counts = !CANARY.test(args[0]) || canaries++ % CANARIES === 0;
    if (counts) step(`before ${what}`);
    const result = await write(...args);
    if (counts) step(`after ${what}`);
    return result;
  };
}

const wrap = (store: RecordStore): RecordStore =>
  wrapStore(store, {
    replace: counted('replace', (...args) => store.replace(...args)),
    create: counted('create', (...args) => store.create(...args)),
    setLastUsed: counted('setLastUsed', (...args) => store.setLastUsed(...args)),
    remove: counted('remove', (...args) => store.remove(...args)),
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
const journal = new LabJournal(() => workspace).of('killed');
experimenting = true;
const shown = await runLab(ask.target, {
  cookie: ask.cookie,
  experiments: ask.experiments,
  ...(ask.settings === undefined ? {} : { settings: ask.settings }),
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
