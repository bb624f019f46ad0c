import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeDeclarations } from './bundle/declarations.ts';
import { LIBRARIES } from './package-npm.ts';

/*
 * The pages of the modules that the npm package has, from their declarations and doc comments: node scripts/api-pages.ts
 * writes docs/api/NAME.md. A test compares.
 */

const root = path.resolve(import.meta.dirname, '..');

/** One thing that a module exports. */
interface Exported {
  readonly name: string;
  /** What was written above it. */
  readonly about: string;
  /** Its declarations; several where a function is overloaded. */
  readonly code: string;
  /** A module under a name: `export * as codec`. */
  readonly module?: string;
}

/** The pages by name of the file, without its ending. */
export function apiPages(): ReadonlyMap<string, string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-api-'));
  try {
    const entries = writeDeclarations(
      folder,
      LIBRARIES.map(([, , source]) => source),
    );
    return new Map(
      LIBRARIES.map(([subpath, name, source], at) => {
        const found = exportsOf(path.join(folder, entries[at] ?? ''));
        return [name, pageOf(`sessionscope${subpath.slice(1)}`, aboutModule(source), found)];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pageOf(module: string, about: string, found: readonly Exported[]): string {
  const parts = [...found]
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
    .map((one) => {
      const inner = LIBRARIES.find(([, , source]) => one.module === source);
      if (inner !== undefined) {
        return `## ${one.name}\n\nThe module [sessionscope${inner[0].slice(1)}](./${inner[1]}.md) under a name.\n`;
      }
      const text = one.about === '' ? '' : `${one.about}\n\n`;
      return `## ${one.name}\n\n${text}\`\`\`ts\n${one.code}\n\`\`\`\n`;
    });
  return `# ${module}\n\n${about}\n\n<!-- Written by scripts/api-pages.ts from the doc comments. -->\n\n${parts.join('\n')}`;
}

/** The first doc comment of a source, which speaks of the module. */
function aboutModule(source: string): string {
  return textOf(/\/\*\*[\s\S]*?\*\//.exec(readFileSync(path.join(root, source), 'utf8'))?.[0] ?? '');
}

/** What a file of declarations exports, wherever it is declared. */
function exportsOf(file: string): Exported[] {
  const text = readFileSync(file, 'utf8');
  const found = new Map<string, Exported>();
  const beside = (name: string) => path.join(path.dirname(file), name.replace(/\.js$/, '.d.ts'));
  for (const [, name = '', from = ''] of text.matchAll(/^export \* as (\w+) from '(.+)';/gm)) {
    const module = LIBRARIES.map(([, , source]) => source).find((source) =>
      beside(from).endsWith(source.replace(/\.ts$/, '.d.ts')),
    );
    found.set(name, { name, about: '', code: '', ...(module !== undefined && { module }) });
  }
  for (const [, from = ''] of text.matchAll(/^export \* from '(.+)';/gm)) {
    for (const one of exportsOf(beside(from))) found.set(one.name, one);
  }
  for (const [, names = '', from = ''] of text.matchAll(/^export (?:type )?\{([^}]*)\} from '(.+)';/gm)) {
    const there = exportsOf(beside(from));
    for (const part of names.split(',')) {
      const [inner = '', name = inner] = part
        .trim()
        .replace(/^type /, '')
        .split(' as ');
      const one = there.find((other) => other.name === inner);
      if (inner !== '' && one === undefined) throw new Error(`${file}: nothing is known of ${inner}`);
      if (one !== undefined) found.set(name, { ...one, name });
    }
  }
  for (const one of declaredIn(text)) {
    const before = found.get(one.name);
    found.set(one.name, before === undefined ? one : { ...before, code: `${before.code}\n${one.code}` });
  }
  return [...found.values()];
}

const DECLARATION =
  /^(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?export (?:declare )?((?:abstract )?(?:class|function|const|interface|type|enum) (\w+))/gm;

function* declaredIn(text: string): Generator<Exported> {
  for (const match of text.matchAll(DECLARATION)) {
    const [, comment = '', head = '', name = ''] = match;
    const begin = match.index + match[0].length - head.length;
    yield { name, about: textOf(comment), code: withoutPrivate(text.slice(begin, endOf(text, begin))) };
  }
}

/** Behind the declaration that begins at a place: its closing bracket, or the semicolon outside of brackets. */
function endOf(text: string, begin: number): number {
  const block = /^(?:abstract )?(?:class|interface|enum) /.test(text.slice(begin));
  let depth = 0;
  for (let at = begin; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (text.startsWith('/*', at)) at = text.indexOf('*/', at) + 1;
    else if ('{(['.includes(char)) depth += 1;
    else if ('})]'.includes(char)) {
      depth -= 1;
      if (block && depth === 0 && char === '}') return at + 1;
    } else if (char === ';' && depth === 0) return at + 1;
  }
  return text.length;
}

function withoutPrivate(code: string): string {
  return code
    .replace(/^ +(?:#private|private [^\n]*);\n/gm, '')
    .replace(/^(?: +\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)? +private constructor\([^)]*\);\n/gm, '');
}

/** The text of a doc comment, its `@param` and the like as a list; nothing in it is markup that a page would act on. */
function textOf(comment: string): string {
  const lines = comment
    .replace(/^\s*\/\*\*|\*\/\s*$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  return lines
    .join('\n')
    .trim()
    .replace(/^@param (\S+)/gm, '* `$1`:')
    .replace(/^@(returns|throws)/gm, '* $1')
    .replace(/([^\n])\n(\* )/, '$1\n\n$2')
    .replace(/`[^`]*`|[<{]/g, (part) => (part === '<' ? '&lt;' : part === '{' ? '&#123;' : part));
}

if (process.argv[1] === import.meta.filename) {
  const folder = path.join(root, 'docs/api');
  if (!existsSync(folder)) mkdirSync(folder);
  for (const [name, page] of apiPages()) writeFileSync(path.join(folder, `${name}.md`), page);
}
