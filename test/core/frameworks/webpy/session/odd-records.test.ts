import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeSessionNode } from '../../../../../core/frameworks/webpy/session/encoding.ts';
import { simulate } from '../../../../../core/frameworks/webpy/session/simulate.ts';
import { DiskStore } from '../../../../../core/frameworks/webpy/stores/disk-store.ts';
import { PythonError } from '../../../../../core/python/python-error.ts';
import { normalTyped } from '../../../../support/random-typed.ts';

interface Odd {
  readonly file: string;
  readonly name: string;
  readonly note: string;
  readonly decode: { readonly value?: unknown; readonly error?: string; readonly message?: string };
  readonly get_count: {
    readonly status: string;
    readonly body: string;
    readonly set_cookie: string | null;
    readonly files_after: readonly string[];
    readonly exception?: string;
  } | null;
}

const folder = fileURLToPath(new URL('../../../../fixtures/webpy/disk/', import.meta.url));
const { odd } = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as { odd: readonly Odd[] };
const requests = odd.filter(({ get_count }) => get_count !== null).length;
let same = 0;

describe('[S4] odd records: what a visitor with that id gets from GET /count', () => {
  it.each(odd)('$name: $note', async ({ file, decode, get_count }) => {
    const bytes = readFileSync(path.join(folder, 'odd', file));
    expect(decoded(bytes)).toEqual(
      decode.error === undefined
        ? { value: normalTyped(decode.value) }
        : { error: decode.error, message: decode.message },
    );
    if (get_count === null) return;
    const dir = mkdtempSync(path.join(os.tmpdir(), 'odd-'));
    try {
      copyFileSync(path.join(folder, 'odd', file), path.join(dir, file));
      const now = Date.now();
      const simulation = simulate({ store: new DiskStore(dir), initializer: { count: 0 }, clock: () => now });
      const result = await simulation.run({ cookieHeader: `webpy_session_id=${file}` }, (session) =>
        String((session.count += 1)),
      );
      const expected = new Set(odd.map((one) => one.file));
      const made = (name: string) =>
        !expected.has(name) && name === result.sessionId && !innerIdKnown(decode, name) ? '<new id>' : name;
      const cookie = result.headers.find(([name]) => name === 'Set-Cookie')?.[1] ?? null;
      expect({
        status: `${result.status} ${result.reason}`,
        body: result.body,
        set_cookie:
          cookie
            ?.replace(/expires=[^;]*/, 'expires=<1e9 s ago>')
            .replace(/=[0-9a-f]{40}/, (id) => `=${made(id.slice(1))}`) ?? null,
        files_after: readdirSync(dir).map(made).sort(),
        ...(result.errors.length === 0 ? {} : { exception: result.errors.at(-1) }),
      }).toEqual({ ...get_count, files_after: [...get_count.files_after].sort() });
      same++;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  afterAll(() => {
    console.log(`Odd records: ${odd.length} decoded alike, ${same}/${requests} requests answered alike`);
  });
});

/** An id that stands inside the record is none that was made for the visitor. */
function innerIdKnown(decode: Odd['decode'], id: string): boolean {
  return JSON.stringify(decode.value ?? null).includes(`"${id}"`);
}

function decoded(bytes: Uint8Array): unknown {
  try {
    return { value: normalTyped(decodeSessionNode(bytes)) };
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    return { error: error.pythonName.split('.').at(-1), message: error.message };
  }
}
