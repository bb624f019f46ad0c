import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FRAMEWORKS } from '../../core/frameworks/catalog.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * Names that are words of their own, of protocols (CDP's `sessionId`), of our own tables (`session_id`), of languages or
 * of serialisation formats: they say nothing here.
 */
const WORDS = new Set([
  'sessionid',
  'session_id',
  '__session',
  'generic',
  'php',
  'jose',
  'play',
  'perl',
  'rack',
  'ring',
  'session',
  'beaker',
  'bottle',
  'flask',
]);

/** Where a framework is meant, with the reason. Everything else asks the catalog. */
const ALLOWED: Readonly<Record<string, string>> = {
  'core/codec/': 'layers bear the names of the formats that they read',
  'core/cookies/': 'two parsers of cookies are those of Python and of web.py, by name',
  'core/policy/': 'policy files and simulated answers are about web.py by their own schema',
  'core/published/': 'the npm package offers the session library under the name of its module',
  'core/engine/policy-run/': 'runs policy files',
  'core/engine/handlers/policy.ts': 'questions to the simulation',
  'core/engine/practice-service.ts': 'starts the practice site',
  'core/engine/compose/': 'composes the practice site and the simulation',
  'core/engine/sandbox-pool.ts': 'scratch copies for the simulation',
  'core/engine/lab-service.ts': 'the simulation',
  'core/model/': 'shapes of the questions to the simulation, and kinds of problems',
  'core/bridge/': 'operations of the simulation',
};

/** The code without comments and import paths. */
function codeOf(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/(?:from|import\()\s*'[^']*'/g, '');
}

it("no framework's name and no name of its cookies stands in the core outside its folder and the catalog", () => {
  const names = FRAMEWORKS.flatMap(({ id, title, cookieNames }) => [
    id,
    title,
    ...cookieNames.flatMap(({ text }) => (text === undefined ? [] : [text])),
  ]).filter((name) => !WORDS.has(name.toLowerCase()) && !/ /.test(name));
  expect(names).toEqual(expect.arrayContaining(['web.py', 'webpy_session_id', 'Django', 'PHPSESSID', 'connect.sid']));
  const found: string[] = [];
  for (const name of readdirSync(path.join(ROOT, 'core'), { recursive: true, encoding: 'utf8' })) {
    const file = `core/${name.split(path.sep).join('/')}`;
    if (!file.endsWith('.ts') || file.startsWith('core/frameworks/')) continue;
    if (Object.keys(ALLOWED).some((place) => file.startsWith(place))) continue;
    const code = codeOf(file);
    for (const one of names) {
      const word = new RegExp(`(?<![\\w.-])${one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'i');
      if (word.test(code)) found.push(`${file}: ${one}`);
    }
  }
  expect(found).toEqual([]);
});
