import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getAt } from '../../../../core/codec/path.ts';
import { type EditedPickle, editPickleTelling } from '../../../../core/codec/pickle/edit.ts';
import { decodePickle, encodePickle } from '../../../../core/codec/pickle/pickle.ts';
import type { Edit, PathStep } from '../../../../core/model/path.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { PythonJudge } from '../../../support/cpython.ts';
import { needs } from '../../../support/needs.ts';
import { Random, randomEdit, randomValue } from './random.ts';

/** Values of each kind of proof; the issue asks for 10,000. */
const WANTED = Number(process.env['SESSIONSCOPE_EDITS'] ?? 10_000);
const BATCH = 500;
const FIRST_SEED = Number(process.env['SESSIONSCOPE_SEED'] ?? 1);
type Protocol = 0 | 1 | 2 | 3 | 4 | 5;

interface Wrong {
  readonly wrong: readonly [number, string][];
}

needs('webpy')('CPython as judge', () => {
  let judge: PythonJudge;
  beforeAll(() => {
    judge = new PythonJudge(path.join(import.meta.dirname, 'judge.py'));
  });
  afterAll(() => judge.close());

  it('loads what is edited here as exactly the expected value', { timeout: 240_000 }, async () => {
    const counts = { 'in-place': 0, rewritten: 0, unchanged: 0 };
    const failures: string[] = [];
    let edited = 0;
    let made = 0;
    for (let seed = FIRST_SEED; edited < WANTED; seed++) {
      const { pickles } = await judge.ask<{ pickles: string[] }>({ op: 'make', seed, count: BATCH });
      const cases: { before: string; after: string; edit: unknown }[] = [];
      for (const [i, before] of pickles.entries()) {
        made++;
        const bytes = fromBase64(before);
        const root = decodePickle(bytes).value;
        const random = new Random(seed * 1_000_003 + i);
        const edit = someEdit(random, root, i % 6);
        if (edit === undefined) continue;
        let after: EditedPickle;
        try {
          after = editPickleTelling(bytes, [edit]);
        } catch (error) {
          failures.push(
            `seed ${seed}: ${(error as Error).message} ${JSON.stringify(edit)} ${JSON.stringify(root)} ${before}`,
          );
          continue;
        }
        counts[after.how]++;
        cases.push({ before, after: toBase64(after.bytes), edit: forPython(root, edit) });
      }
      edited += cases.length;
      const { wrong } = await judge.ask<Wrong>({ op: 'edit', cases });
      for (const [index, why] of wrong)
        failures.push(`seed ${seed}: ${why} ${JSON.stringify(cases[index]).slice(0, 1500)}`);
      if (failures.length > 5) break;
    }
    console.log(
      `CPython loads ${edited} edited pickles (of ${made} values over protocols 0-5) as expected, pickletools.dis accepts them; ` +
        `in place ${counts['in-place']}, rewritten ${counts.rewritten}; wrong ${failures.length}`,
    );
    expect(failures).toEqual([]);
    // Rewriting is for unusual streams; what CPython writes is edited in place.
    expect(counts.rewritten).toBeLessThan(edited / 1000);
  });

  it('loads what is written here as equal', { timeout: 240_000 }, async () => {
    const failures: string[] = [];
    for (let start = 0; start < WANTED; start += BATCH) {
      const cases = Array.from({ length: BATCH }, (_, i) => {
        const protocol = ((start + i) % 6) as Protocol;
        const typed = randomValue(new Random(FIRST_SEED * 1_000_000 + start + i), protocol, 4);
        return { typed, pickle: toBase64(encodePickle(typed, { protocol })) };
      });
      const { wrong } = await judge.ask<Wrong>({ op: 'value', cases });
      for (const [index, why] of wrong)
        failures.push(`${start + index}: ${why} ${JSON.stringify(cases[index]).slice(0, 1500)}`);
      if (failures.length > 5) break;
    }
    console.log(
      `CPython loads ${WANTED} pickles written here as equal, pickletools.dis accepts them; wrong ${failures.length}`,
    );
    expect(failures).toEqual([]);
  });
});

function someEdit(random: Random, root: TypedNode, protocol: number): Edit | undefined {
  for (let attempt = 0; attempt < 12; attempt++) {
    const edit = randomEdit(random, root, (source) => randomValue(source, protocol, 2));
    if (edit !== undefined) return edit;
  }
  return undefined;
}

/** The edit as the judge understands it: members of sets by value, since Python orders them as it likes. */
function forPython(root: TypedNode, edit: Edit): unknown {
  const steps: unknown[] = [];
  for (const [i, step] of edit.path.entries()) {
    const parent = getAt(root, edit.path.slice(0, i));
    const holder = parent?.t === 'ref' ? undefined : parent;
    if (step.kind === 'part') {
      if (step.part === 'state') steps.push({ state: true });
    } else if (step.kind === 'key') {
      steps.push({ key: step.key });
    } else if (holder?.t === 'set' || holder?.t === 'frozenset') {
      steps.push(memberStep(root, edit.path.slice(0, i + 1), step));
    } else {
      steps.push({ index: step.index });
    }
  }
  return { ...edit, path: steps };
}

function memberStep(root: TypedNode, at: Edit['path'], step: PathStep & { kind: 'index' }): unknown {
  const member = getAt(root, at);
  return member === undefined ? { index: step.index } : { member };
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
