import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decodePickle, disassemble } from '../../../../core/codec/pickle/pickle.ts';
import { ProblemError } from '../../../../core/model/problem.ts';

/** Reads every hostile stream in a process of its own; prints one line of JSON for each, and the memory at the end. */
const folder = process.argv[2] as string;
for (const file of readdirSync(folder).filter((name) => name.endsWith('.pkl'))) {
  const bytes = new Uint8Array(readFileSync(path.join(folder, file)));
  // Processor time, which a busy machine does not lengthen.
  const before = process.cpuUsage();
  const answer = told(bytes);
  const used = process.cpuUsage(before);
  console.log(JSON.stringify({ file, ms: (used.user + used.system) / 1000, ...answer }));
}
console.log(JSON.stringify({ peakMb: process.resourceUsage().maxRSS / 1024 }));

function told(bytes: Uint8Array): Record<string, unknown> {
  const lines = disassemble(bytes, 2000).length;
  try {
    const decoded = decodePickle(bytes);
    const { value, danger, refusal, warnings } = decoded;
    const text = JSON.stringify(value);
    const polluted = ({} as Record<string, unknown>)['polluted'] !== undefined;
    return { t: value.t, size: text.length, text: text.slice(0, 4000), danger, refusal, warnings, lines, polluted };
  } catch (error) {
    if (error instanceof ProblemError) return { kind: error.problem.kind, at: error.problem.at, lines };
    return { crash: String((error as Error).stack), lines };
  }
}
