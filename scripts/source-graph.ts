import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAst } from 'rolldown/parseAst';

/** What one file takes from another. */
export interface Import {
  /** Path in the repository, or the name of a package. */
  readonly from: string;
  /** Names as the other file exports them; `*` for all of them. */
  readonly names: readonly string[];
  /** Types alone: nothing is loaded. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  readonly file: string;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
}

export interface Export {
  readonly name: string;
  /** A type stands in the signature of another export, from which callers have it without its name. */
  readonly inSignature: boolean;
}

interface Node {
  readonly type: string;
  readonly [name: string]: unknown;
}

/** Every source file of some folders, with what it imports and exports. */
export function sourceGraph(root: string, folders: readonly string[]): Map<string, SourceFile> {
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
      .map((name) => path.posix.join(folder, name.split(path.sep).join('/'))),
  );
  return new Map(files.map((file) => [file, readSource(root, file)]));
}

function readSource(root: string, file: string): SourceFile {
  const code = readFileSync(path.join(root, file), 'utf8');
  const { body } = parseAst(code, { lang: file.endsWith('x') ? 'tsx' : 'ts' }) as unknown as { body: readonly Node[] };
  const imports: Import[] = [];
  const exports: Export[] = [];
  const add = (names: readonly string[], isType: boolean): void => {
    for (const name of names)
      exports.push({ name, inSignature: isType && code.split(new RegExp(`\\b${name}\\b`)).length > 2 });
  };
  const target = (source: unknown): string => {
    const { value } = source as { value: string };
    return value.startsWith('.') ? path.posix.join(path.posix.dirname(file), value) : value;
  };
  for (const node of body) {
    if (node.type === 'ImportDeclaration') {
      const specifiers = node['specifiers'] as readonly Node[];
      const names = specifiers.map((one) =>
        one.type === 'ImportSpecifier'
          ? nameOf(one['imported'])
          : one.type === 'ImportDefaultSpecifier'
            ? 'default'
            : '*',
      );
      const typeOnly =
        node['importKind'] === 'type' ||
        (specifiers.length > 0 && specifiers.every((one) => one['importKind'] === 'type'));
      imports.push({ from: target(node['source']), names, typeOnly });
    } else if (node.type === 'ExportAllDeclaration') {
      imports.push({ from: target(node['source']), names: ['*'], typeOnly: node['exportKind'] === 'type' });
    } else if (node.type === 'ExportDefaultDeclaration') {
      add(['default'], false);
    } else if (node.type === 'ExportNamedDeclaration') {
      const specifiers = node['specifiers'] as readonly Node[];
      if (node['source'] != null) {
        const typeOnly = node['exportKind'] === 'type' || specifiers.every((one) => one['exportKind'] === 'type');
        imports.push({ from: target(node['source']), names: specifiers.map((one) => nameOf(one['local'])), typeOnly });
      }
      const declaration = node['declaration'] as Node | null;
      add(
        specifiers.map((one) => nameOf(one['exported'])),
        node['exportKind'] === 'type',
      );
      add(declared(declaration), /^TS(Interface|TypeAlias)Declaration$/.test(declaration?.type ?? ''));
    }
  }
  // Modules that are loaded later, or by a worker's address.
  for (const [, from = ''] of code.matchAll(/\bimport\(\s*['"](\.[^'"]+)['"]\s*\)/g)) {
    imports.push({ from: path.posix.join(path.posix.dirname(file), from), names: ['*'], typeOnly: true });
  }
  return { file, imports, exports };
}

function nameOf(node: unknown): string {
  const { name, value } = node as { name?: string; value?: string };
  return name ?? value ?? '';
}

function declared(declaration: Node | null): string[] {
  if (declaration == null) return [];
  if (declaration.type !== 'VariableDeclaration') return [nameOf(declaration['id'])];
  return (declaration['declarations'] as readonly Node[]).flatMap(({ id }) => bound(id as Node));
}

/** Names that a pattern binds: `{ a, b: c }` binds a and c. */
function bound(id: Node): string[] {
  if (id.type === 'Identifier') return [nameOf(id)];
  if (id.type === 'ObjectPattern') {
    return (id['properties'] as readonly Node[]).flatMap((one) => bound((one['value'] ?? one['argument']) as Node));
  }
  if (id.type === 'ArrayPattern')
    return (id['elements'] as readonly (Node | null)[]).flatMap((one) => (one ? bound(one) : []));
  return id.type === 'AssignmentPattern' ? bound(id['left'] as Node) : [];
}

/** Circles of imports by value: sets of files of which each loads the others, in the order of their names. */
export function circles(graph: ReadonlyMap<string, SourceFile>): string[][] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  // Tarjan's strongly connected components.
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file) as number);
    stack.push(file);
    for (const { from, typeOnly } of graph.get(file)?.imports ?? []) {
      if (typeOnly || !graph.has(from)) continue;
      if (!index.has(from)) {
        visit(from);
        low.set(file, Math.min(low.get(file) as number, low.get(from) as number));
      } else if (stack.includes(from)) {
        low.set(file, Math.min(low.get(file) as number, index.get(from) as number));
      }
    }
    if (low.get(file) !== index.get(file)) return;
    const together = stack.splice(stack.indexOf(file));
    if (together.length > 1) found.push(together.sort());
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return found;
}

/** Exports that no other file takes: `file: name`. */
export function deadExports(graph: ReadonlyMap<string, SourceFile>, isEntry: (file: string) => boolean): string[] {
  const taken = new Map<string, Set<string>>();
  for (const { imports } of graph.values()) {
    for (const { from, names } of imports) {
      const set = taken.get(from) ?? new Set();
      for (const name of names) set.add(name);
      taken.set(from, set);
    }
  }
  return [...graph.values()]
    .filter(({ file }) => !isEntry(file))
    .flatMap(({ file, exports }) => {
      const used = taken.get(file);
      if (used?.has('*') === true) return [];
      return exports
        .filter(({ name, inSignature }) => !inSignature && used?.has(name) !== true)
        .map(({ name }) => `${file}: ${name}`);
    });
}
