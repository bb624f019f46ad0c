import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodePickle, pythonException } from '../../../../core/codec/pickle/pickle.ts';
import { ProblemError } from '../../../../core/model/problem.ts';
import { PythonJudge } from '../../../support/cpython.ts';
import { needs } from '../../../support/needs.ts';
import { mutate, seedStreams } from './mutate.ts';
import { Random } from './random.ts';

const STREAMS = Number(process.env['SESSIONSCOPE_DIFFERENTIAL'] ?? 6_000);
const BATCH = 2000;

/** Our answer in the words of the judge: nothing can be imported there, so nothing can here. */
function answer(bytes: Uint8Array): string {
  try {
    const { value, refusal } = decodePickle(bytes, { importable: () => 'no-module' });
    if (refusal !== undefined) return refusal.exception;
    return `value ${TYPES[value.t] ?? value.t}`;
  } catch (error) {
    if (error instanceof ProblemError) return pythonException(error.problem.kind) ?? error.problem.kind;
    throw error;
  }
}

const TYPES: Readonly<Record<string, string>> = { none: 'NoneType' };

needs('webpy')('mutated streams beside the C unpickler', () => {
  let judge: PythonJudge;
  beforeAll(() => {
    judge = new PythonJudge(path.join(import.meta.dirname, 'judge.py'));
  });
  afterAll(() => judge.close());

  it('end in the same kind of value or the same exception', { timeout: 240_000 }, async () => {
    const random = new Random(Number(process.env['SESSIONSCOPE_SEED'] ?? 20_240_310));
    const seeds = seedStreams(2000);
    const different: string[] = [];
    const kinds = new Map<string, number>();
    for (let done = 0; done < STREAMS; done += BATCH) {
      const streams = Array.from({ length: BATCH }, () => mutate(random, seeds));
      const cases = streams.map((bytes) => Buffer.from(bytes).toString('base64'));
      const { answers } = await judge.ask<{ answers: string[] }>({ op: 'loads', cases });
      for (const [i, bytes] of streams.entries()) {
        const python = answers[i] as string;
        kinds.set(python, (kinds.get(python) ?? 0) + 1);
        const ours = answer(bytes);
        if (ours !== python)
          different.push(`${ours}, Python ${python}: ${Buffer.from(bytes).toString('hex').slice(0, 400)}`);
      }
    }
    const spread = [...kinds].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${kind} ${count}`);
    console.log(
      `mutated streams: ${STREAMS}, ${different.length} told differently from CPython (${spread.join(', ')})`,
    );
    expect(different.slice(0, 20)).toEqual([]);
  });
});
