import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DangerFinding, Refusal } from '../../../../core/codec/pickle/pickle.ts';
import { pythonException } from '../../../../core/codec/pickle/pickle.ts';
import type { ProblemKind } from '../../../../core/model/problem-kinds.ts';
import { FIXTURES, fixtureJson } from './fixtures.ts';

interface Stream {
  readonly file: string;
  readonly category: string;
  readonly cpython_with_every_global_forbidden: { result: string; error?: string; globals_asked?: [string, string][] };
}

interface Answer {
  readonly file: string;
  readonly ms: number;
  readonly t?: string;
  readonly size?: number;
  readonly text?: string;
  readonly danger?: readonly DangerFinding[];
  readonly refusal?: Refusal;
  readonly warnings?: readonly { what: string }[];
  readonly polluted?: boolean;
  readonly kind?: ProblemKind;
  readonly crash?: string;
}

const MARKER = '/tmp/PWNED-by-fixture';

describe('the 87 hostile streams', () => {
  const { streams } = fixtureJson<{ streams: Stream[] }>('malicious', 'expected.json');
  const child = spawnSync(
    process.execPath,
    [
      '--max-old-space-size=120',
      '--max-semi-space-size=4',
      path.join(import.meta.dirname, 'hostile-child.ts'),
      path.join(FIXTURES, 'malicious'),
    ],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const lines = child.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer & { peakMb?: number });
  const answers = new Map(lines.filter((line) => line.file !== undefined).map((line) => [line.file, line]));
  const answerOf = (file: string): Answer => {
    const answer = answers.get(file);
    if (answer === undefined) throw new Error(`no answer for ${file}: ${child.stderr}`);
    return answer;
  };

  it('are all answered, run nothing, crash nothing and stay within 2 s and 256 MB', () => {
    const slowest = Math.max(...[...answers.values()].map(({ ms }) => ms));
    const peak = lines.at(-1)?.peakMb ?? Number.NaN;
    console.log(
      `hostile streams: ${answers.size} answered, slowest ${slowest.toFixed(0)} ms of processor time, peak of the process ${peak.toFixed(0)} MB, ` +
        `marker file ${existsSync(MARKER) ? 'PRESENT' : 'absent'}`,
    );
    expect(child.stderr).toBe('');
    expect(answers.size).toBe(87);
    expect(streams.length).toBe(87);
    expect([...answers.values()].filter(({ crash }) => crash !== undefined)).toEqual([]);
    expect(existsSync(MARKER)).toBe(false);
    expect(slowest).toBeLessThan(2000);
    expect(peak).toBeLessThan(256);
    expect([...answers.values()].some(({ polluted }) => polluted === true)).toBe(false);
  });

  it('are told for what they are: code is danger, wherever in the stream it stands', () => {
    const missed = streams
      .filter(({ category }) => category.startsWith('code'))
      .filter(({ file, category }) => {
        const wanted = category === 'code-reference' ? ['danger', 'warning'] : ['danger'];
        return !answerOf(file).danger?.some(({ severity }) => wanted.includes(severity));
      });
    expect(missed.map(({ file }) => file)).toEqual([]);
  });

  it('name every callable that CPython would ask for', () => {
    for (const { file, cpython_with_every_global_forbidden: python } of streams) {
      const answer = answerOf(file);
      if (answer.danger === undefined || file === 'deep_build_100k.pkl') continue;
      for (const [module, name] of python.globals_asked ?? []) {
        const module3 = module === '__builtin__' ? 'builtins' : module;
        const told = JSON.stringify(answer.danger) + (answer.text ?? '');
        const known = /^(web\.utils|shop_models|collections|uuid|datetime|decimal|builtins)$/.test(module3);
        expect(known || told.includes(`${module3}.${name}`), `${file}: ${module3}.${name}`).toBe(true);
      }
    }
  });

  it('give the exception of CPython where the stream itself is broken', () => {
    const wrong: string[] = [];
    let compared = 0;
    for (const { file, cpython_with_every_global_forbidden: python } of streams) {
      if (python.error === undefined || (python.globals_asked ?? []).length > 0) continue;
      const answer = answerOf(file);
      const exception = answer.kind === undefined ? answer.refusal?.exception : pythonException(answer.kind);
      compared++;
      if (exception !== python.error) wrong.push(`${file}: ${exception} instead of ${python.error}`);
    }
    console.log(
      `hostile streams that CPython refuses without looking up a name: ${compared}, ${wrong.length} told differently`,
    );
    expect(wrong).toEqual([]);
  });

  it('stay bounded when a value would blow up', () => {
    for (const { file, category } of streams) {
      if (category !== 'blow-up' && category !== 'cycle') continue;
      const answer = answerOf(file);
      expect(answer.size, file).toBeLessThan(100_000);
      expect(answer.text, file).toContain('"t":"ref"');
    }
    for (const file of ['deep_list_100k.pkl', 'deep_tuple_100k.pkl', 'deep_dict_100k.pkl', 'deep_mark_100k.pkl']) {
      expect(answerOf(file).size, file).toBeLessThan(100_000);
    }
    expect(answerOf('trailing_exec_after_stop.pkl').warnings?.map(({ what }) => what)).toContain('trailing-bytes');
    expect(answerOf('js_proto_key.pkl').text).toContain('__proto__');
  });
});
