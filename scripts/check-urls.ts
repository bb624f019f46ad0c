import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/*
 * `new URL` and `decodeURIComponent` throw at text that the proxy lets pass, and an exception in a listener ends the
 * process. Addresses from outside are parsed by `core/model/web-address.ts`, which never throws; nothing else may.
 */
const HOME = 'core/model/web-address.ts';
/** The window's own address, made by us. */
const OWN = [/^new URL\([^()]*import\.meta\.url\)/, /^new URL\('\.\/api\/', location\.href/];
const PARSER = /\bnew URL\(|\bURL\.(?:parse|canParse)\(/g;
const DECODER = /\bdecodeURI(?:Component)?\(/g;

const root = path.resolve(import.meta.dirname, '..');

/** Every call that may throw at foreign text, one line each: `file:line: what`. */
export function unguardedUrls(folder = root): string[] {
  const wrong: string[] = [];
  for (const top of ['core', 'cli', 'electron', 'renderer']) {
    for (const name of readdirSync(path.join(folder, top), { recursive: true, encoding: 'utf8' })) {
      const file = path.posix.join(top, name.split(path.sep).join('/'));
      if (!/\.tsx?$/.test(file) || file === HOME) continue;
      const code = withoutComments(readFileSync(path.join(folder, file), 'utf8'));
      const lineAt = (at: number) => code.slice(0, at).split('\n').length;
      for (const { index, 0: call } of code.matchAll(PARSER)) {
        if (OWN.some((own) => own.test(code.slice(index)))) continue;
        wrong.push(`${file}:${lineAt(index)}: ${call}…) outside of ${HOME}`);
      }
      for (const { index, 0: call } of code.matchAll(DECODER)) {
        const before = code.slice(0, index).split('\n').at(-2) ?? '';
        if (!before.trimEnd().endsWith('try {')) wrong.push(`${file}:${lineAt(index)}: ${call}…) outside of try`);
      }
    }
  }
  return wrong;
}

/** Comments become spaces, so that lines stay where they are. A `//` in a string with a colon before it is an address. */
function withoutComments(code: string): string {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ');
  return code
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/(^|[^:'"`\\/])\/\/[^\n]*/gm, (text, first: string) => first + blank(text.slice(first.length)));
}
