import { describe, expect, it, vi } from 'vitest';
import { hasColours } from '../../cli/colour.ts';
import { type List, type ListOptions, printList } from '../../cli/listing.ts';
import { progressLine } from '../../cli/progress.ts';
import { columnWidths, tableLine } from '../../cli/table.ts';
import { problem } from '../../core/model/problem.ts';

/* Lists of commands: tables that fit a terminal, CSV, both forms of JSON; filtered, sorted, cut to a number. */

interface Row {
  readonly id: string;
  readonly size: number | null;
  readonly text: string;
}

const ROWS: readonly Row[] = [
  { id: 'b', size: 20, text: 'two "words", and more' },
  { id: 'a', size: null, text: 'esc\u001b[2J\nline' },
  { id: 'c', size: 3, text: '会话 数据' },
];
const LIST: List<Row> = {
  name: 'rows',
  columns: [
    { id: 'id', title: 'ID', cell: ({ id }) => id },
    { id: 'size', title: 'SIZE', right: true, cell: ({ size }) => String(size ?? '-'), key: ({ size }) => size },
    { id: 'text', title: 'TEXT', shrinks: 6, cell: ({ text }) => text },
  ],
  fields: {
    text: ({ id, text }) => [id, text],
    texts: { id: ({ id }) => [id] },
    numbers: { size: ({ size }) => size },
  },
  json: ({ id, size }) => ({ id, size: { t: 'int', v: String(size) } }),
  plain: ({ id, size }) => ({ id, size }),
  nothing: 'No rows here',
};

async function print(options: ListOptions, rows: Iterable<Row> | AsyncIterable<Row> = ROWS, columns?: number) {
  let out = '';
  let err = '';
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text)))),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text)))),
  ];
  const before = [process.stdout.isTTY, process.stdout.columns] as const;
  Object.assign(process.stdout, { isTTY: columns !== undefined, columns });
  vi.stubEnv('NO_COLOR', '1');
  vi.stubEnv('FORCE_COLOR', '');
  try {
    const status = await printList(rows, LIST, options);
    return { status, out, err };
  } finally {
    vi.unstubAllEnvs();
    Object.assign(process.stdout, { isTTY: before[0], columns: before[1] });
    for (const spy of spies) spy.mockRestore();
  }
}

describe('a list', () => {
  it('is a table with a head, in which nothing is cut outside of a terminal', async () => {
    expect((await print({})).out).toBe(
      [
        'ID  SIZE  TEXT',
        'b     20  two "words", and more',
        'a      -  esc\\u{1b}[2J\\u{a}line',
        'c      3  会话 数据',
        '',
      ].join('\n'),
    );
    expect((await print({}, [])).out).toBe('No rows here\n');
    expect((await print({ where: 'zzz' })).out).toBe('Nothing passes --where zzz\n');
  });

  it('fits a terminal: wide characters count twice, what must stand whole does', async () => {
    expect((await print({}, ROWS, 18)).out).toBe(
      ['ID  SIZE  TEXT', 'b     20  two "wo…', 'a      -  esc\\u{1…', 'c      3  会话 数…', ''].join('\n'),
    );
    // Too narrow for anything: no column is cut below its least.
    expect((await print({}, ROWS, 3)).out.split('\n')[1]).toBe('b     20  two "…');
  });

  it('as CSV: a head, quoted as RFC 4180 says, one record a line', async () => {
    expect((await print({ csv: true })).out).toBe(
      'id,size,text\nb,20,"two ""words"", and more"\na,,esc\\u{1b}[2J\\u{a}line\nc,3,会话 数据\n',
    );
  });

  it('as JSON: one document with typed values, or a plain document a line', async () => {
    const { out } = await print({ json: true });
    expect(JSON.parse(out).rows.map(({ id }: Row) => id)).toEqual(['b', 'a', 'c']);
    expect(out.split('\n')).toHaveLength(2);
    expect((await print({ json: true }, [])).out).toBe('{"rows":[]}\n');
    const plain = (await print({ plain: true })).out.trim().split('\n');
    expect(plain.map((line) => JSON.parse(line))).toEqual(ROWS.map(({ id, size }) => ({ id, size })));
  });

  it.each([
    ['size', 'cba'],
    ['-size', 'bca'],
    ['id', 'abc'],
    ['-id', 'cba'],
  ])('sorted by %s; what is not known stands last', async (sort, ids) => {
    const { out } = await print({ sort, plain: true });
    const lines = out.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Row).id).join('')).toBe(ids);
  });

  it('is read no further than the limit', async () => {
    let read = 0;
    let closed = false;
    async function* endless(): AsyncIterable<Row> {
      try {
        for (;;) yield { id: String((read += 1)), size: read, text: '' };
      } finally {
        closed = true;
      }
    }
    const { out } = await print({ limit: 2, where: 'size>3', plain: true }, endless());
    expect(out).toBe('{"id":"4","size":4}\n{"id":"5","size":5}\n');
    expect([read, closed]).toEqual([5, true]);
  });

  it('a failure in the middle: the rows before it, JSON that can be read, status 2', async () => {
    async function* broken(): AsyncIterable<Row> {
      yield ROWS[0] as Row;
      throw problem('gone', 'The server went away', { remedy: 'Start it' });
    }
    const json = await print({ json: true }, broken());
    expect(json).toMatchObject({ status: 2, err: 'sessionscope: The server went away. Start it\n' });
    expect(JSON.parse(json.out)).toMatchObject({ rows: [{ id: 'b' }], error: { kind: 'gone' } });
    expect((await print({}, broken())).out).toContain('two "words"');
  });

  it('what is asked for wrongly is said before anything is written', async () => {
    await expect(print({ sort: 'sise', csv: true })).rejects.toThrow(/no column "sise"/);
    await expect(print({ where: 'host:a' })).rejects.toThrow(/no host/);
    await expect(print({ csv: true, json: true })).rejects.toThrow('--json and --csv cannot be had together');
  });
});

it('columns of one width shrink together', () => {
  const columns = [
    { title: 'A', shrinks: 4 },
    { title: 'B', shrinks: 4 },
  ];
  const rows = [['x'.repeat(30), 'y'.repeat(20)]];
  expect(columnWidths(columns, rows, 22)).toEqual([10, 10]);
  const widths = columnWidths(columns, rows, 10);
  expect(tableLine(columns, widths, rows[0] ?? [])).toBe('xxx…  yyy…');
});

it.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
])('%j on a terminal (%s): colours %s', (env, isTTY, expected) => expect(hasColours({ isTTY }, env)).toBe(expected));

it('progress is shown on a terminal, not at once, and taken away', () => {
  const written: string[] = [];
  const stream = (isTTY: boolean) => ({ isTTY, columns: 12, write: (text: string) => written.push(text) > 0 });
  let now = 0;
  const clock = () => now;
  const silent = progressLine(400, stream(false) as unknown as NodeJS.WriteStream, clock);
  const line = progressLine(400, stream(true) as unknown as NodeJS.WriteStream, clock);
  line.show('soon');
  now = 1_000;
  silent.show('never');
  line.show('a long line \u001b[31m');
  line.clear();
  line.clear();
  expect(written).toEqual(['\r\u001b[Ka long line', '\r\u001b[K']);
});
