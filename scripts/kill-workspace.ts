/*
 * Kills a process that writes a workspace and a session store at random moments (kill -9), and looks at what is left:
 * the workspace opens, nothing that was told as saved is missing, no session record is half written.
 *
 *   node scripts/kill-workspace.ts [ROUNDS=200] [--seed N]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { decode } from '../core/frameworks/codec.ts';
import { openWorkspace } from '../core/workspace/workspace.ts';

export interface KillReport {
  readonly rounds: number;
  /** Flows that were told as saved over all rounds. */
  readonly saved: number;
  /** Edits of records that were told as done. */
  readonly edits: number;
  /** Rounds in which the kill came before anything was saved. */
  readonly early: number;
  /** Records that were looked at after the kills. */
  readonly records: number;
  /** Interrupted edits that were found in the log. */
  readonly interrupted: number;
  readonly failures: readonly string[];
}

const WRITER = fileURLToPath(new URL('./kill-workspace-writer.ts', import.meta.url));

/** A small generator, so that a run can be repeated (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Runs the rounds; each goes on with the same workspace. Never throws for what it finds: see `failures`. */
export async function killRounds(
  rounds: number,
  seed: number,
  tell: (line: string) => void = () => {},
): Promise<KillReport> {
  const random = randomFrom(seed);
  const folder = mkdtempSync(path.join(tmpdir(), 'kill-workspace-'));
  const file = path.join(folder, 'w.sqlite');
  const failures: string[] = [];
  const totals = { saved: 0, edits: 0, early: 0, records: 0, interrupted: 0 };
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const lines = await writeUntilKilled(file, path.join(folder, 'store'), round, random);
      const saved = lines.filter((line) => line.startsWith('saved ')).map((line) => line.slice(6));
      const edits = lines.filter((line) => line.startsWith('edit ')).map((line) => line.slice(5));
      if (saved.length === 0) totals.early += 1;
      totals.saved += saved.length;
      totals.edits += edits.length;
      for (const wrong of lines.filter((line) => line.startsWith('error '))) failures.push(`round ${round}: ${wrong}`);
      const found = await inspect(file, path.join(folder, 'store'), saved, edits);
      totals.records += found.records;
      totals.interrupted += found.interrupted;
      failures.push(...found.failures.map((text) => `round ${round}: ${text}`));
      if (round % 20 === 0)
        tell(`${round} of ${rounds} kills, ${totals.saved} saved flows, ${failures.length} failures`);
    }
    return { rounds, ...totals, failures };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the writer and kills it after a random time of work. Resolves with the lines that it had told. */
async function writeUntilKilled(file: string, store: string, round: number, random: () => number): Promise<string[]> {
  const child = spawn(process.execPath, [WRITER, file, store, String(round)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const wait = random() * random() * 400;
  // One in five while it begins; the others once it saves, however slow the machine is.
  const sign = random() < 0.2 ? 'ready' : 'saved ';
  let armed = false;
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (armed || !line.startsWith(sign)) continue;
    armed = true;
    setTimeout(() => child.kill('SIGKILL'), wait);
  }
  await ended;
  if (child.signalCode !== 'SIGKILL') lines.push(`error the writer ended by itself: ${errors.slice(-500)}`);
  return lines;
}

async function inspect(
  file: string,
  store: string,
  saved: readonly string[],
  edits: readonly string[],
): Promise<{ failures: string[]; records: number; interrupted: number }> {
  const failures: string[] = [];
  const workspace = await openWorkspace(file, { clock: Date.now });
  if (workspace.problem !== undefined) failures.push(`the workspace: ${workspace.problem.message}`);
  for (const id of saved) {
    const flow = workspace.flows.get(id);
    if (flow === undefined) failures.push(`flow ${id} was saved and is missing`);
    else if (flow.response?.body.ref !== undefined && workspace.blobs.body(flow.response.body.ref) === undefined) {
      failures.push(`the body of ${id} was saved and is missing`);
    }
  }
  for (const id of edits) {
    const phase = workspace.edits.get(id)?.phase;
    if (phase !== 'done') failures.push(`edit ${id} was done and is now ${phase ?? 'missing'}`);
  }
  const interrupted = workspace.edits.list({ phase: 'intent', limit: 10_000 });
  if (interrupted.length > 1) failures.push(`${interrupted.length} edits were under way at once`);
  for (const edit of interrupted) workspace.edits.put({ ...edit, phase: 'failed' });
  await workspace.close();
  let records = 0;
  for (const name of readdirSync(store)) {
    // What another writer left beside the records is not theirs.
    if (!/^[0-9a-f]{40}$/.test(name)) continue;
    records += 1;
    const { value, error } = decode(readFileSync(path.join(store, name)));
    if (value === null || error !== undefined) failures.push(`record ${name} is half written: ${error?.message ?? ''}`);
  }
  return { failures, records, interrupted: interrupted.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { seed: { type: 'string' } } });
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  const rounds = Number(positionals[0] ?? 200);
  const report = await killRounds(rounds, seed, (line) => console.log(line));
  const { failures, ...counts } = report;
  console.log(`seed ${seed}: ${JSON.stringify(counts)}`);
  for (const failure of failures) console.error(failure);
  process.exit(failures.length === 0 ? 0 : 1);
}
