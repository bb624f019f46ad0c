import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { STORE_FORMS } from '../../cli/options.ts';
import { runCommand } from '../../cli/program.ts';
import { STORE_URL_FORMS } from '../../core/stores/url.ts';
import { sampleRecord } from '../contract/samples.ts';

/* What a user reads who mistyped, or named what is not there: one line, what is wrong, and what to do. */

const ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1f0a9b8c7';
let folder: string;
const at = (name: string) => path.join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wrong-use-'));
  mkdirSync(at('sessions'));
  writeFileSync(at(`sessions/${ID}`), sampleRecord(ID, 41));
  writeFileSync(at('text'), 'plain\n');
  writeFileSync(at('noise'), Buffer.from([0xff, 0, 1, 0xfe]));
  writeFileSync(at('broken.sqlite'), 'SQLite format 3\0garbage');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...words: string[]) {
  let out = '';
  let err = '';
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text)))),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text)))),
  ];
  const before = process.exitCode;
  try {
    const status = await runCommand(
      words.map((word) => word.replace(/^(%|disk:%)\//, (start) => `${start.replace('%/', folder)}/`)),
      { version: '0', pageFolder: '/nowhere' },
    );
    return { status, out, err: err.replaceAll(folder, '%') };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = before;
  }
}

describe('a command line that is wrong', () => {
  it.each([
    ['help nonsense', 'There is no command nonsense. "sessionscope --help" lists them'],
    ['help sessions lss', 'There is no command lss. Did you mean ls? "sessionscope sessions --help" lists them'],
    ['nonsense', 'There is no command nonsense. "sessionscope --help" lists them'],
    ['sesions ls x', 'There is no command sesions. Did you mean sessions? "sessionscope --help" lists them'],
    ['lab chekc x', 'There is no command chekc. Did you mean check? "sessionscope lab --help" lists them'],
    ['--versoin', 'There is no option --versoin. Did you mean --version? "sessionscope --help" lists them'],
    [
      'sessions ls disk:x --jsn',
      'There is no option --jsn. Did you mean --json? "sessionscope sessions ls --help" lists them',
    ],
    ['sessions ls', `STORE is missing (${STORE_FORMS}). Usage: sessionscope sessions ls [options] <store>`],
    ['stores find', 'URL is missing (the address of the application, like http://127.0.0.1:8080).'],
    ['decode a b', 'There are too many words: a, b. Usage: sessionscope decode [options] [file]'],
    ['sessions ls disk:x --limit', 'The value of --limit <number> is missing.'],
    ['sessions ls disk:x --limit 0', '--limit <number> cannot be "0": it is a whole number from 1 on'],
    ['serve --port 99999', '--port <number> cannot be "99999": a port is a whole number from 0 to 65535'],
    ['lab run x --wait soon', '--wait <span> cannot be "soon": it is a number of seconds or a span such as 90s'],
    [`sessions age disk:%/sessions ${ID} 1fortnight`, 'SPAN cannot be "1fortnight": it is a number of seconds or a'],
    ['completion tcsh', 'SHELL cannot be "tcsh": it is one of bash, zsh, fish'],
    ['undo', 'Which edit is to be taken back is not said. Give its id, as "sessionscope undo --list" shows it'],
  ])('%s', async (line, said) => {
    const { status, out, err } = await run(...line.split(' '));
    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(/^sessionscope: .*\n$/);
    expect(err).toContain(said);
  });

  it('the forms of a store are those that the stores know', () => {
    const schemes = (text: string) => [...text.matchAll(/\b([a-z]+):/g)].map(([, scheme]) => scheme);
    const known = new Set(
      schemes(STORE_URL_FORMS).filter((one) => !['user', 'password', 'host', 'sess'].includes(one ?? '')),
    );
    expect(schemes(STORE_FORMS.replace(/^a store: /, ''))).toEqual([...known]);
  });
});

describe('a place that is wrong', () => {
  it.each([
    ['sessions ls %/sessions', 'a directory; 1 of 1 files look like DiskStore. Did you mean disk:%/sessions?'],
    ['sessions ls %/text', '%/text is no store of sessions: it is neither an SQLite database nor a file of a shelf'],
    ['sessions ls %/broken.sqlite', '%/broken.sqlite is not an SQLite database'],
    [
      'sessions ls %/nothere',
      'is not a store URL: it does not begin with the name of a kind of store. Use one of disk:',
    ],
    ['sessions ls disk:%/nothere', 'There is no %/nothere. Check the path'],
    ['practice --store %/sessions --port 0', 'Did you mean disk:%/sessions?'],
    ['decode %/nothere', '%/nothere: It cannot be read: there is no such file'],
    ['decode %/sessions', '%/sessions: It cannot be read: it is a folder'],
    ['decode %/noise', 'These bytes are in no format that is known here'],
    ['why %/nothere', '%/nothere cannot be read: there is no such file. Give a HAR'],
    ['why %/noise', 'This is no HAR: it is not a JSON document. A HAR is a JSON document'],
    ['why %/broken.sqlite', '%/broken.sqlite cannot be read: the workspace is damaged, or it is no SQLite database'],
    ['lab run %/sessions', '%/sessions cannot be read: it is a folder'],
    ['lab check %/noise', '%/noise cannot be read: it is not UTF-8'],
    [
      'proxy --port 0 --har %/no/x.har --data %/data',
      'The HAR file cannot be written: there is no such folder (%/no/x.har)',
    ],
    ['proxy --port 0 --ca %/text --data %/data', '%/text holds no certificate in PEM. Give the certificate of'],
    ['proxy --port 0 --ca %/nothere --data %/data', '%/nothere cannot be read: there is no such file'],
    ['proxy --port 0 --upstream nonsense --data %/data', 'nonsense is no address of a proxy. Write http://host:port'],
    [
      'proxy --port 0 --data %/text',
      'The certificate authority cannot be kept in %/text: %/text is a file, not a folder',
    ],
    ['undo some --data %/text', 'The log of edits in %/text cannot be read: a part of its path is a file'],
    ['undo some --data %/nothere', 'There is no edit some in %/nothere. "sessionscope undo --list" shows those'],
  ])('%s', async (line, said) => {
    const { status, err } = await run(...line.split(' '));
    expect(status).toBe(2);
    expect(err).toContain(said);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    // Looking makes nothing.
    expect(readdirSync(folder)).not.toContain('nothere');
  });

  it('the file of a key that is not there is named, not the value', async () => {
    const { status, err } = await run('decode', '%/text', '--secret', `@${at('key')}`);
    expect([status, err]).toEqual([
      2,
      'sessionscope: %/text: The key file %/key cannot be read: there is no such file\n',
    ]);
  });
});
