import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FIRST, type LabTarget, logIn, runLab } from '../../../support/lab-harness.ts';
import { needs } from '../../../support/needs.ts';
import { type StackApp, startDjango, startFlask, startPhp } from '../../../support/stacks/stacks.ts';

/*
 * The judge on stacks that are not web.py: Django, Flask, Flask-Session and PHP as Debian has them, with pages that are
 * another each time, tokens, JSON, 401, 403 and redirects. h holds, x does not hold, q cannot tell, n not applicable, in
 * the catalog's order, for an idle time of 2 h and a session that is to mind its address.
 */

interface StackCase {
  readonly name: string;
  readonly start: (folder: string) => Promise<StackApp>;
  readonly cookieName: string;
  /** Where the records are, when the lab can read them. */
  readonly store?: (folder: string) => string;
  readonly expected: string;
  /** Each verdict that cannot be given, and why: part of the sentence. */
  readonly open: Readonly<Record<string, string>>;
}

const NO_RECORD = 'attach the store';
const CASES: readonly StackCase[] = [
  {
    name: 'Django, sessions in its table',
    start: (folder) => startDjango(folder, 1_800),
    cookieName: 'sessionid',
    expected: 'q q h q q x q h h h h h h',
    open: {
      'idle-expiry': NO_RECORD,
      'idle-limit': NO_RECORD,
      'record-alone': NO_RECORD,
      'absolute-lifetime': NO_RECORD,
      'forwarding-headers': 'neither record nor responses show which address',
    },
  },
  {
    // The session is the cookie: nothing at the server can end it.
    name: 'Flask, sessions in the signed cookie',
    start: (folder) => startFlask(folder, false),
    cookieName: 'session',
    expected: 'q q h q q x q x h h h h h',
    open: {
      'idle-expiry': NO_RECORD,
      'idle-limit': NO_RECORD,
      'record-alone': NO_RECORD,
      'absolute-lifetime': NO_RECORD,
      'forwarding-headers': 'neither record nor responses show which address',
    },
  },
  {
    // It adopts any id at a login: the test below shows that without the lab.
    name: 'Flask-Session, files',
    start: (folder) => startFlask(folder, true),
    cookieName: 'session',
    expected: 'q q h q q x q h x h h h h',
    open: {
      'idle-expiry': NO_RECORD,
      'idle-limit': NO_RECORD,
      'record-alone': NO_RECORD,
      'absolute-lifetime': NO_RECORD,
      'forwarding-headers': 'neither record nor responses show which address',
    },
  },
  {
    name: 'PHP, strict about foreign ids',
    start: (folder) => startPhp(folder, true),
    cookieName: 'PHPSESSID',
    store: (folder) => `disk:${folder}`,
    // PHP ends an id at a NUL byte when it opens the file.
    expected: 'q q h h q x q h h h h h x',
    open: {
      'idle-expiry': 'No cleanup was seen to run',
      'idle-limit': 'No cleanup was seen to run',
      'absolute-lifetime': 'keeps no time at which the session began',
      'forwarding-headers': 'neither record nor responses show which address',
    },
  },
  {
    name: 'PHP as it comes, adopts foreign ids',
    start: (folder) => startPhp(folder, false),
    cookieName: 'PHPSESSID',
    store: (folder) => `disk:${folder}`,
    expected: 'q q h h q x q h x x x x x',
    open: {
      'idle-expiry': 'No cleanup was seen to run',
      'idle-limit': 'No cleanup was seen to run',
      'absolute-lifetime': 'keeps no time at which the session began',
      'forwarding-headers': 'neither record nor responses show which address',
    },
  },
];

const LETTERS: Record<string, string> = {
  holds: 'h',
  'does-not-hold': 'x',
  'cannot-tell': 'q',
  'not-applicable': 'n',
};

needs(
  'django',
  'flask',
  'php',
)('the judge on other stacks', () => {
  let folder: string;
  const table: string[] = [];
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-stacks-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    console.log([`expected and got: ${FIRST.map(({ meta }) => meta.id).join(', ')}`, ...table].join('\n'));
  });

  it('Flask-Session logs a made-up id in, seen from outside', async () => {
    const place = path.join(folder, 'outside');
    mkdirSync(place);
    const app = await startFlask(place, true);
    try {
      const made = '11111111-2222-3333-4444-555555555555';
      const visit = async (url: string) => {
        const response = await fetch(app.origin + url, { redirect: 'manual', headers: { cookie: `session=${made}` } });
        return { status: response.status, text: await response.text(), set: response.headers.getSetCookie().join() };
      };
      const before = await visit('/whoami');
      expect((await visit('/login')).set).toContain(`session=${made}`);
      const after = await visit('/whoami');
      expect([after.status, after.text]).not.toEqual([before.status, before.text]);
      expect(after.status).toBe(200);
    } finally {
      await app.stop();
    }
  });

  it.each(CASES)('$name', { timeout: 120_000 }, async ({ name, start, cookieName, store, expected, open }) => {
    const place = path.join(folder, name.replaceAll(/\W+/g, '-'));
    mkdirSync(place);
    const app = await start(place);
    try {
      const target: LabTarget = {
        origin: app.origin,
        cookieName,
        logout: '/logout',
        ...(store === undefined ? {} : { storeUrl: store(place) }),
      };
      const shown = await runLab(target, {
        settings: { absoluteSeconds: 86_400 },
        ...(store === undefined
          ? { ports: { renew: async (options) => ({ raw: await logIn(target, options?.cookie) }) } }
          : {}),
      });
      const got = FIRST.map(({ meta }) => LETTERS[shown.verdict(meta.id)] ?? '?').join(' ');
      table.push(`${name.padEnd(40)} ${expected}   ${got}`);
      const sentences = shown.outcomes.map(
        ({ experimentId, verdict, sentence }) => `${experimentId} ${verdict}: ${sentence}`,
      );
      expect(got, sentences.join('\n')).toBe(expected);
      const undecided = shown.outcomes.filter(({ verdict }) => verdict === 'cannot-tell');
      expect(Object.keys(open)).toEqual(undecided.map(({ experimentId }) => experimentId));
      for (const { experimentId, sentence } of undecided) expect(sentence).toContain(open[experimentId]);
      expect(shown).toMatchObject({ state: 'done', restored: true });
      expect(shown.after).toEqual(shown.before);
    } finally {
      await app.stop();
    }
  });
});
