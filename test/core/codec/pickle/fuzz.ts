import { editPickle } from '../../../../core/codec/pickle/edit.ts';
import { decodePickle, disassemble, encodePickle } from '../../../../core/codec/pickle/pickle.ts';
import { ProblemError } from '../../../../core/model/problem.ts';
import { mutate, seedStreams } from './mutate.ts';
import { Random, randomEdit, randomValue } from './random.ts';

export interface FuzzReport {
  streams: number;
  readable: number;
  refused: number;
  edited: number;
  slowestMs: number;
  /** Largest typed JSON for each byte of a stream of more than 100 bytes. */
  growth: number;
  readonly failures: string[];
}

/** Most processor time for one stream, in ms; the same bound as for the hostile fixtures. */
const SLOW = 2000;
/** A typed node of one byte takes some 30 characters; a described call of few bytes some hundreds. */
const MOST_GROWTH = 400;

/**
 * Reads, analyses, disassembles, edits and writes mutated streams until `stop` says so. Anything but a ProblemError, a
 * stream that takes longer than 2 s, and output out of proportion are failures.
 */
export function fuzz(seed: number, stop: (streams: number) => boolean): FuzzReport {
  const seeds = seedStreams();
  const pool = [...seeds];
  const random = new Random(seed);
  const kinds = new Set<string>();
  const report: FuzzReport = { streams: 0, readable: 0, refused: 0, edited: 0, slowestMs: 0, growth: 0, failures: [] };
  while (!stop(report.streams) && report.failures.length < 10) {
    const bytes = mutate(random, pool);
    report.streams++;
    const before = process.cpuUsage();
    const kind = one(bytes, random, report);
    const used = process.cpuUsage(before);
    const ms = (used.user + used.system) / 1000;
    report.slowestMs = Math.max(report.slowestMs, ms);
    if (ms > SLOW) report.failures.push(`${ms.toFixed(0)} ms: ${hex(bytes)}`);
    // A stream that ends in a new way is a better start for others than one that ends like all.
    if (!kinds.has(kind) && bytes.length < 4000 && pool.length < seeds.length + 3000) {
      kinds.add(kind);
      pool.push(bytes);
    }
  }
  return report;
}

function one(bytes: Uint8Array, random: Random, report: FuzzReport): string {
  try {
    disassemble(bytes);
    const decoded = decodePickle(bytes, { encoding: random.pick(['ASCII', 'latin1', 'bytes'] as const) });
    const { value, danger, refusal } = decoded;
    const size = JSON.stringify(value).length;
    report.readable++;
    if (bytes.length > 100) report.growth = Math.max(report.growth, size / bytes.length);
    if (size > MOST_GROWTH * bytes.length + 10_000) report.failures.push(`${size} characters: ${hex(bytes)}`);
    const kind = `${value.t} ${danger.map(({ what }) => what.slice(0, 12)).join()} ${refusal?.message.slice(0, 20)}`;
    if (random.below(3) === 0) {
      const protocol = random.below(6) as 0 | 1 | 2 | 3 | 4 | 5;
      encodePickle(value, { protocol });
      const edit = randomEdit(random, value, (source) => randomValue(source, protocol, 2));
      if (edit !== undefined) {
        editPickle(bytes, [edit]);
        report.edited++;
      }
    }
    return kind;
  } catch (error) {
    if (!(error instanceof ProblemError)) {
      report.failures.push(`${(error as Error).stack ?? String(error)}: ${hex(bytes)}`);
      return 'crash';
    }
    report.refused++;
    return `${error.problem.kind} ${error.problem.message.slice(0, 30)}`;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').slice(0, 4000);
}
