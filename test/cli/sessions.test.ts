import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerSessions } from '../../cli/commands/sessions.ts';
import { registerUndo } from '../../cli/commands/undo.ts';
import { openSessionStore } from '../../core/frameworks/webpy/stores/open-session-store.ts';
import { type RecordPlaceAt, serverPlace, sqlitePlace, tempFolder } from '../contract/places.ts';
import { sampleRecord, sampleShelfValue } from '../contract/samples.ts';
import { needs } from '../support/needs.ts';
import { startPostgres, type TestServer } from '../support/servers.ts';

const ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';
const DAY_S = 86_400;
let folder: string;
let root: string;
let store: string;

beforeEach(() => {
  folder = tempFolder();
  root = path.join(folder, 'sessions');
  fs.mkdirSync(root);
  store = `disk:${root}`;
  // The log of edits goes into this test's own folder.
  vi.stubEnv('XDG_CONFIG_HOME', path.join(folder, 'config'));
  vi.stubEnv('APPDATA', path.join(folder, 'config'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  fs.rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as `sessionscope sessions …`, in this process. */
async function run(...words: string[]): Promise<Ran> {
  let out = '';
  let err = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text))));
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text))));
  const before = process.exitCode;
  try {
    const program = new Command('sessionscope').exitOverride();
    registerSessions(program);
    for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)]) {
      command.exitOverride();
    }
    await program.parseAsync(['sessions', ...words], { from: 'user' });
    return { status: Number(process.exitCode ?? 0), out, err };
  } catch {
    return { status: 2, out, err };
  } finally {
    process.exitCode = before;
    stdout.mockRestore();
    stderr.mockRestore();
  }
}
const json = async (...words: string[]) => {
  const ran = await run(...words, '--json');
  expect(ran.out.trim().split('\n')).toHaveLength(1);
  return { ...ran, document: JSON.parse(ran.out) as Record<string, unknown> };
};
const file = (id = ID) => path.join(root, id);
const countOf = async () =>
  ((await (await openSessionStore(store)).load(ID)) as { count: number; [key: string]: unknown }).count;

describe('sessions ls and show', () => {
  it('--json prints id, last use, bytes, layers, value and error of each', async () => {
    fs.writeFileSync(file(), sampleRecord(ID, 41));
    fs.utimesSync(file(), 1_700_000_000.5, 1_700_000_000);
    fs.writeFileSync(file('bad0'), 'not base64!');
    fs.mkdirSync(file('dead'));
    const { status, document, err } = await json('ls', store);
    expect([status, err]).toEqual([0, '']);
    const sessions = new Map((document['sessions'] as { id: string }[]).map((line) => [line.id, line]));
    expect([...sessions.keys()].sort()).toEqual([ID, 'bad0', 'dead']);
    const expected = {
      id: ID,
      lastUsed: '2023-11-14T22:13:20.500Z',
      bytes: sampleRecord(ID, 41).length,
      layers: ['base64', 'pickle'],
      value: {
        t: 'dict',
        v: [
          [
            { t: 'str', v: 'session_id' },
            { t: 'str', v: ID },
          ],
          [
            { t: 'str', v: 'count' },
            { t: 'int', v: '41' },
          ],
          [
            { t: 'str', v: 'ip' },
            { t: 'str', v: '127.0.0.1' },
          ],
        ],
      },
      error: null,
    };
    expect(sessions.get(ID)).toEqual(expected);
    expect(sessions.get('dead')).toMatchObject({ value: null, error: { kind: 'not-a-file' } });
    expect((await json('show', store, ID)).document).toEqual(expected);
  });

  it('in words: one line each, the value in short', async () => {
    fs.writeFileSync(file(), sampleRecord(ID, 41));
    const listed = await run('ls', store);
    expect(listed.status).toBe(0);
    expect(listed.out).toMatch(new RegExp(`^ID +LAST USE +BYTES +VALUE\\n${ID} .*count.*41`));
    const shown = await run('show', store, ID);
    expect(shown.out).toContain('layers     base64/pickle');
    expect(shown.out).toContain('  count = 41');
    expect(
      (await run('ls', `disk:${fs.mkdirSync(path.join(folder, 'empty'), { recursive: true }) ?? ''}`)).out,
    ).toMatch(/^No sessions in disk:/);
  });

  it('filtered, sorted, cut to a number; plain JSON and CSV for other programs', async () => {
    for (const [id, count] of [
      ['aaa', 3],
      ['bbb', 41],
      ['ccc', 7],
    ] as const) {
      fs.writeFileSync(file(id), sampleRecord(id, count));
      fs.utimesSync(file(id), 1_700_000_000 + count, 1_700_000_000);
    }
    const ids = async (...words: string[]) => {
      const { out } = await run('ls', store, '--plain', ...words);
      return out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { id: string; value: { count: number } })
        .map(({ id, value }) => `${id}=${value.count}`);
    };
    expect(await ids('--sort', '-used')).toEqual(['bbb=41', 'ccc=7', 'aaa=3']);
    expect(await ids('--where', 'data.count>5', '--sort', 'id')).toEqual(['bbb=41', 'ccc=7']);
    expect(await ids('--sort', 'id', '--limit', '1')).toEqual(['aaa=3']);
    expect((await run('ls', store, '--csv', '--where', 'id=ccc')).out).toMatch(
      /^id,used,bytes,value\nccc,2023-11-14T22:13:27.000Z,\d+,"\{""session_id"":""ccc"",""count"":7,.*\}"\n$/,
    );
    expect(JSON.parse((await run('show', store, 'aaa', '--plain')).out)).toMatchObject({ value: { count: 3 } });
    const wrong = await run('ls', store, '--where', 'status:500');
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining('have no status')]);
    expect((await run('ls', store, '--limit', '0')).status).toBe(2);
  });

  it('does not count as use', async () => {
    fs.writeFileSync(file(), sampleRecord(ID, 41));
    const old = Date.now() / 1000 - 3 * DAY_S;
    fs.utimesSync(file(), old, old);
    const before = fs.statSync(file()).atimeMs;
    await run('ls', store);
    await run('show', store, ID);
    await run('set', store, ID, 'count', '1', '--dry-run');
    await run('rm', store, ID, '--dry-run');
    expect(fs.statSync(file()).atimeMs).toBe(before);
  });

  it('status 1 for an unknown id, 2 for a wrong store; one line says which', async () => {
    const unknown = await json('show', store, 'abc');
    expect(unknown.status).toBe(1);
    expect(unknown.document).toMatchObject({ error: { kind: 'not-found' } });
    expect(unknown.err).toBe(`sessionscope: No session abc in disk:${root}\n`);
    const missing = await json('ls', `disk:${folder}/none`);
    expect([missing.status, missing.err.split('\n').length]).toEqual([2, 2]);
    expect(missing.document).toMatchObject({ error: { kind: 'store-not-found', remedy: expect.any(String) } });
    const wrong = await run('ls', 'postgres://web:hunter2@127.0.0.1:1/db');
    expect(wrong.status).toBe(2);
    expect(wrong.err).not.toContain('hunter2');
    expect((await run('ls', 'nonsense')).status).toBe(2);
    expect((await run('ls')).status).toBe(2);
    expect((await run('dance', store)).status).toBe(2);
  });
});

describe('sessions set', () => {
  it('changes one value and nothing else; --dry-run only says what would change', async () => {
    fs.writeFileSync(file(), sampleRecord(ID, 41));
    fs.utimesSync(file(), 1_700_000_000, 1_700_000_000);
    const dry = await json('set', store, ID, 'count', '42', '--dry-run');
    expect(dry.status).toBe(0);
    expect(dry.document).toMatchObject({
      id: ID,
      outcome: 'dry-run',
      differences: [{ at: 'count', before: { t: 'int', v: '41' }, after: { t: 'int', v: '42' } }],
    });
    expect(fs.readFileSync(file())).toEqual(sampleRecord(ID, 41));
    fs.utimesSync(file(), 1_700_000_000, 1_700_000_000);
    const done = await run('set', store, ID, 'count', '42');
    expect([done.status, done.out]).toEqual([0, 'count: 41 → 42\n']);
    expect(fs.statSync(file()).atimeMs).toBe(1_700_000_000_000);
    expect(fs.readFileSync(file())).toEqual(sampleRecord(ID, 42));
    expect((await json('set', store, ID, 'count', '42')).document).toMatchObject({ outcome: 'unchanged' });
  });

  it('takes JSON and typed JSON, deep paths and new keys', async () => {
    fs.writeFileSync(file(), sampleRecord(ID, 41));
    expect((await run('set', store, ID, 'cart', '[{"price": 1.5}, "x"]')).status).toBe(0);
    expect((await run('set', store, ID, 'cart[0].price', '{"t":"decimal","v":"0.05"}')).status).toBe(0);
    expect((await run('set', store, ID, 'cart[0].price', '2.25')).out).toContain('0.05');
    const value = (await (await openSessionStore(store)).load(ID)) as { cart: [{ price: number }, string] };
    expect([Number(value.cart[0].price), value.cart[1]]).toEqual([2.25, 'x']);
    expect(await countOf()).toBe(41);
  });

  it('status 2 for what cannot be: no such place, no JSON, nothing to decode', async () => {
    fs.writeFileSync(file(), sampleRecord(ID, 41));
    const nowhere = await run('set', store, ID, 'a.b.c', '1');
    expect([nowhere.status, nowhere.err]).toEqual([2, expect.stringContaining('count')]);
    expect((await run('set', store, ID, 'count', 'unquoted')).status).toBe(2);
    expect((await run('set', store, ID, 'count[', '1')).status).toBe(2);
    fs.writeFileSync(file('bad0'), '\x00\x01\x02');
    expect((await run('set', store, 'bad0', 'count', '1')).status).toBe(2);
    expect(fs.readFileSync(file())).toEqual(sampleRecord(ID, 41));
  });

  it('edits a shelf past the tuple', async () => {
    fs.writeFileSync(`${folder}/s.dat`, sampleShelfValue(ID, 7, 5));
    fs.writeFileSync(`${folder}/s.dir`, `'${ID}', (0, ${sampleShelfValue(ID, 7, 5).length})\n`);
    expect((await run('set', `shelf:${folder}/s`, ID, '[1].count', '8')).status).toBe(0);
    const { document } = await json('show', `shelf:${folder}/s`, ID);
    expect(document['lastUsed']).toBe('1970-01-01T00:00:05.000Z');
    expect(JSON.stringify(document['value'])).toContain('{"t":"int","v":"8"}');
  });

  it('takes one form of path for all stores', async () => {
    fs.writeFileSync(`${folder}/s.dat`, sampleShelfValue(ID, 7, 5));
    fs.writeFileSync(`${folder}/s.dir`, `'${ID}', (0, ${sampleShelfValue(ID, 7, 5).length})\n`);
    fs.writeFileSync(file(), sampleRecord(ID, 7));
    for (const url of [`shelf:${folder}/s`, store]) {
      expect((await run('set', url, ID, 'count', '8')).status).toBe(0);
      expect((await run('set', url, ID, 'added', '{"a":[1]}')).status).toBe(0);
      const { document } = await json('show', url, ID);
      expect(JSON.stringify(document['value'])).toContain('[{"t":"str","v":"count"},{"t":"int","v":"8"}]');
      expect(JSON.stringify(document['value'])).toContain('{"t":"str","v":"added"}');
    }
  });

  it('refuses what is nearly typed JSON, and stores nothing', async () => {
    fs.writeFileSync(file(), sampleRecord(ID, 7));
    for (const value of ['{"t":"decimal","value":"1"}', '{"t":"Decimal","v":"1"}', '[{"t":"decimal","v":"1"}]']) {
      const { status, err } = await run('set', store, ID, 'count', value);
      expect([status, err]).toEqual([2, expect.stringMatching(/[Tt]yped JSON of kind decimal/)]);
    }
    expect(fs.readFileSync(file())).toEqual(sampleRecord(ID, 7));
  });
});

describe('sessions age and rm', () => {
  it('age back-dates the last use by the seconds given', async () => {
    fs.writeFileSync(file(), sampleRecord(ID, 41));
    fs.utimesSync(file(), 1_700_000_000, 1_700_000_000);
    const dry = await json('age', store, ID, '90000', '--dry-run');
    for (const span of ['25h', '1d1h', '1 d 60 min']) {
      expect((await json('age', store, ID, span, '--dry-run')).document).toEqual(dry.document);
    }
    expect(dry.document).toMatchObject({ outcome: 'dry-run', after: '2023-11-13T21:13:20.000Z' });
    expect(fs.statSync(file()).atimeMs).toBe(1_700_000_000_000);
    const { status, document } = await json('age', store, ID, '90000');
    expect([status, document]).toEqual([
      0,
      {
        id: ID,
        outcome: 'written',
        before: '2023-11-14T22:13:20.000Z',
        after: '2023-11-13T21:13:20.000Z',
        editId: expect.any(String),
      },
    ]);
    expect(fs.statSync(file()).atimeMs).toBe(1_700_000_000_000 - 90_000_000);
    expect(fs.statSync(file()).mtimeMs).toBe(1_700_000_000_000);
    for (const span of ['soon', '', '1 fortnight', '1h x']) {
      expect((await run('age', store, ID, span)).status).toBe(2);
    }
    expect((await run('age', store, 'abc', '1')).status).toBe(1);
  });

  it('rm removes one session; --dry-run only shows it', async () => {
    fs.writeFileSync(file(), sampleRecord(ID, 41));
    fs.writeFileSync(file('abc'), sampleRecord('abc', 1));
    const dry = await json('rm', store, ID, '--dry-run');
    expect(dry.document).toMatchObject({ outcome: 'dry-run', removed: { id: ID, bytes: expect.any(Number) } });
    expect(fs.readdirSync(root)).toHaveLength(2);
    expect((await run('rm', store, ID)).status).toBe(0);
    expect(fs.readdirSync(root)).toEqual(['abc']);
    expect((await run('rm', store, ID)).status).toBe(1);
  });
});

describe('on databases', () => {
  const edits = async (place: RecordPlaceAt) => {
    const records = await place.open();
    await records.create(ID, place.sample(ID, 41), Date.UTC(2026, 1, 2, 3, 4, 5));
    await records.close();
    const before = [await place.lastUse(ID), await place.others?.(ID)];
    const shown = await json('show', place.url, ID);
    expect(shown.document).toMatchObject({ id: ID, lastUsed: '2026-02-02T03:04:05.000Z', error: null });
    expect((await run('set', place.url, ID, 'count', '42')).out).toBe('count: 41 → 42\n');
    expect([await place.lastUse(ID), await place.others?.(ID)]).toEqual(before);
    expect((await json('age', place.url, ID, '60')).document).toMatchObject({ after: '2026-02-02T03:03:05.000Z' });
    expect(((await json('ls', place.url)).document['sessions'] as unknown[]).length).toBe(1);
    expect((await run('rm', place.url, ID)).status).toBe(0);
    expect((await json('ls', place.url)).document).toEqual({ sessions: [] });
    await place.dispose();
  };
  it('SQLite', async () => edits(await sqlitePlace()));
  needs('postgres')('PostgreSQL', () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startPostgres({ timezone: 'America/New_York' });
    });
    afterAll(() => server?.stop());
    it('the same', async () => edits(await serverPlace(server, 'timestamptz', 'text')));
  });
});

it('the real command line ends by itself, with nothing but JSON on standard output', async () => {
  fs.writeFileSync(file(), sampleRecord(ID, 41));
  const main = path.resolve(import.meta.dirname, '../../cli/main.ts');
  const ran = await new Promise<{ code: unknown; out: string; err: string }>((done) => {
    execFile(process.execPath, [main, 'sessions', 'ls', store, '--json'], (error, out, err) =>
      done({ code: error?.code ?? 0, out, err }),
    );
  });
  expect([ran.code, ran.err]).toEqual([0, '']);
  expect(JSON.parse(ran.out)).toMatchObject({ sessions: [{ id: ID }] });
});

describe('undo', () => {
  const editIn = (ran: Ran) => (JSON.parse(ran.out) as { editId: string }).editId;
  const undo = async (...words: string[]) => {
    const program = new Command('sessionscope');
    registerUndo(program);
    process.exitCode = 0;
    let said = '';
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((text) => Boolean((said += String(text)))),
    );
    await program.parseAsync(['node', 'sessionscope', 'undo', ...words]);
    for (const spy of spies) spy.mockRestore();
    const status = process.exitCode;
    process.exitCode = 0;
    return { status, said };
  };

  it('lists the edits, and says what is missing where none is named', async () => {
    fs.writeFileSync(file(), sampleRecord(ID, 41));
    const first = editIn(await run('set', store, ID, 'count', '42', '--json'));
    const second = editIn(await run('set', store, ID, 'count', '43', '--json'));
    await undo(second);
    const listed = JSON.parse((await undo('--list', '--json')).said) as { edits: unknown[] };
    expect(listed.edits).toMatchObject([
      { editId: second, id: ID, store, text: 'count: 42 → 43', state: 'undone' },
      { editId: first, id: ID, store, text: 'count: 41 → 42', state: 'applied' },
    ]);
    expect((await undo('--list')).said).toMatch(/^EDIT +AT +STORE +SESSION +CHANGE +STATE\n/);
    expect(await undo()).toEqual({ status: 2, said: expect.stringContaining('undo --list') });
  });

  it('takes back what set, age and rm did, one after the other, to the byte and the time', async () => {
    const bytes = sampleRecord(ID, 41);
    fs.writeFileSync(file(), bytes);
    fs.utimesSync(file(), 1_700_000_000.5, 1_700_000_000);
    const edits = [
      editIn(await run('set', store, ID, 'count', '42', '--json')),
      editIn(await run('age', store, ID, '3600', '--json')),
      editIn(await run('rm', store, ID, '--json')),
    ];
    expect(fs.existsSync(file())).toBe(false);
    for (const edit of edits.reverse()) expect(await undo(edit)).toMatchObject({ status: 0 });
    expect(fs.statSync(file()).atimeMs).toBe(1_700_000_000_500);
    expect(fs.readFileSync(file())).toEqual(Buffer.from(bytes));
  });

  it('passes the gate: each change leaves a line in the audit, whatever became of it, without the id of a session', async () => {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), 'sessionscope-audit-'));
    try {
      fs.writeFileSync(file(), sampleRecord(ID, 41));
      const edit = editIn(await run('set', store, ID, 'count', '42', '--json', '--data', data));
      fs.writeFileSync(file(), sampleRecord(ID, 99));
      expect(await undo(edit, '--data', data)).toMatchObject({ status: 1 });
      const text = fs.readFileSync(path.join(data, 'audit.jsonl'), 'utf8');
      expect(
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as object),
      ).toMatchObject([
        { caller: 'command', operation: 'record.apply', outcome: 'done', about: { editId: edit } },
        {
          caller: 'command',
          operation: 'edit.undo',
          outcome: 'failed',
          problem: 'changed-since',
          about: { editId: edit },
        },
      ]);
      expect(text).not.toContain(ID);
    } finally {
      fs.rmSync(data, { recursive: true, force: true });
    }
  });

  it('says when there is no such edit, and takes nothing of a later change away', async () => {
    expect(await undo('no-such-edit')).toMatchObject({ status: 2, said: expect.stringContaining('no-such-edit') });
    fs.writeFileSync(file(), sampleRecord(ID, 41));
    const edit = editIn(await run('set', store, ID, 'count', '42', '--json'));
    fs.writeFileSync(file(), sampleRecord(ID, 99));
    expect(await undo(edit)).toMatchObject({ status: 1 });
    expect(fs.readFileSync(file())).toEqual(Buffer.from(sampleRecord(ID, 99)));
  });
});
