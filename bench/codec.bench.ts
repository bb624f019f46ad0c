import { editPickle } from '../core/codec/pickle/edit.ts';
import { decodePickle, encodePickle } from '../core/codec/pickle/pickle.ts';
import type { TypedNode } from '../core/model/typed.ts';
import { PythonJudge } from '../test/support/cpython.ts';
import { type Bench, median } from './report.ts';

/** Sessions as web.py stores them; `articles` sets the size (0.3, 0.9, 2, 50 and 500 kB of pickle). */
const SIZES = [
  { name: '0.3 kB', articles: 0 },
  { name: '0.9 kB', articles: 10 },
  { name: '2 kB', articles: 28 },
  { name: '50 kB', articles: 740 },
  { name: '500 kB', articles: 7100 },
];

/** Makes the sessions and times CPython's own readers, one question at a time. */
const PYTHON = `
import base64, json, pickle, pickletools, sys, time
def session(n):
    return {'session_id': 'ab' * 20, 'ip': '127.0.0.1', 'count': 5, 'login': 1, 'user': '\\u5f20\\u4e09', 'privilege': 2,
            'user_id': 1001, 'is_admin': False, 'flash': [('info', 'Welcome back!'), ('warn', '\\u5bc6\\u7801')],
            'cart': [{'sku': 'A-%d' % i, 'qty': i, 'price': i * 1.25, 'name': 'Article number %d' % i, 'tags': ['a%d' % i, 'b']}
                     for i in range(n)], 'csrf_token': '0f1e2d3c', 'last': None}
def timed(f, b, times):
    start = time.perf_counter()
    for _ in range(times):
        f(b)
    return (time.perf_counter() - start) / times * 1e6
kept = {}
for line in sys.stdin:
    q = json.loads(line)
    if q['op'] == 'make':
        kept[q['name']] = pickle.dumps(session(q['articles']), 4)
        a = base64.b64encode(kept[q['name']]).decode()
    elif q['op'] == 'loads':
        a = timed(pickle.loads, kept[q['name']], q['times'])
    elif q['op'] == 'dumps':
        v = pickle.loads(kept[q['name']])
        a = timed(lambda b: pickle.dumps(v, 4), None, q['times'])
    else:
        a = timed(lambda b: [None for _ in pickletools.genops(b)], kept[q['name']], q['times'])
    print(json.dumps(a), flush=True)
`;

/**
 * Reading and writing of typical sessions beside CPython's C `pickle.loads`, `pickle.dumps` and `pickletools.genops`,
 * in turns within one run; microseconds, medians of the rounds.
 */
export const run: Bench = async (report, { quick }) => {
  const python = new PythonJudge('-c', [PYTHON]);
  const rounds = quick ? 7 : 15;
  const perByte: { name: string; read: number; value: number; loads: number }[] = [];
  for (const { name, articles } of SIZES) {
    const bytes = new Uint8Array(Buffer.from(await python.ask<string>({ op: 'make', name, articles }), 'base64'));
    const value = decodePickle(bytes).value;
    const edit = {
      op: 'set',
      path: [{ kind: 'key', key: { t: 'str', v: 'count' } }],
      value: { t: 'int', v: '6' },
    } as const;
    const times = Math.max(1, Math.floor((quick ? 200_000 : 1_000_000) / bytes.length));
    const few = Math.max(1, Math.floor(times / 10));
    const tasks = {
      read: () => decodePickle(bytes),
      decode: () => decodePickle(bytes).value,
      encode: () => encodePickle(value),
      edit: () => editPickle(bytes, [edit]),
    };
    const ours: Record<keyof typeof tasks, number[]> = { read: [], decode: [], encode: [], edit: [] };
    const theirs: Record<'loads' | 'dumps' | 'genops', number[]> = { loads: [], dumps: [], genops: [] };
    for (const task of Object.values(tasks)) warm(task, quick ? 150 : 600);
    for (let round = -1; round < rounds; round++) {
      for (const task of ['read', 'decode', 'encode', 'edit'] as const) {
        const us = timed(tasks[task], task === 'edit' ? few : times);
        if (round >= 0) ours[task].push(us);
      }
      for (const op of ['loads', 'dumps', 'genops'] as const) {
        const us = await python.ask<number>({ op, name, times: op === 'genops' ? few : times });
        if (round >= 0) theirs[op].push(us);
      }
    }
    const loads = median(theirs.loads);
    const genops = median(theirs.genops);
    const read = median(ours.read);
    const decode = median(ours.decode);
    const shown = `${name} session (${bytes.length} bytes)`;
    const of = (figure: string, us: number, beside: Record<string, number>): void =>
      report({ bench: 'codec', figure: `${figure}, ${shown}`, value: us, unit: 'µs', n: rounds, beside });
    of('pickle decode with spans and limits', read, {
      'C pickle.loads': loads,
      genops,
      'times loads': read / loads,
      'times faster than genops': genops / read,
    });
    of('pickle decode and whole typed value', decode, {
      'C pickle.loads': loads,
      genops,
      'times loads': decode / loads,
      'times faster than genops': genops / decode,
    });
    of('pickle encode from the typed value', median(ours.encode), { 'C pickle.dumps': median(theirs.dumps) });
    of('pickle edit of one value in place, read back and compared', median(ours.edit), {});
    perByte.push({ name, read: read / bytes.length, value: decode / bytes.length, loads: loads / bytes.length });
  }
  const small = perByte.find(({ name }) => name === '2 kB');
  const large = perByte.find(({ name }) => name === '500 kB');
  if (small !== undefined && large !== undefined) {
    report({
      bench: 'codec',
      figure: 'pickle decode: time per byte at 500 kB over that at 2 kB (1 is linear)',
      value: large.read / small.read,
      unit: 'x',
      n: rounds,
      beside: { 'with typed value': large.value / small.value, 'C pickle.loads': large.loads / small.loads },
    });
  }
  await python.close();
};

let sink: TypedNode | Uint8Array | object | undefined;

/** Runs a task until the engine has compiled it. */
function warm(task: () => object, milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) sink = task();
}

/** Microseconds for one call, over `times` calls. */
function timed(task: () => object, times: number): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) sink = task();
  void sink;
  return ((performance.now() - start) / times) * 1000;
}
