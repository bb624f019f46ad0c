import type { z } from 'zod';
import type { PolicyFileProblem } from './policy-file-error.ts';
import { REMEDY } from './shapes.ts';
import type { YamlPart } from './yaml-source.ts';

type Issue = z.core.$ZodIssue;

/** What the schema found wrong, with the place of each; issues at a path for which `passes` says so are left out. */
export function problemsOf(
  issues: readonly Issue[],
  { placeOf }: YamlPart,
  passes: (path: readonly PropertyKey[]) => boolean = () => false,
): PolicyFileProblem[] {
  return issues.flatMap(innermost).flatMap((issue): PolicyFileProblem[] => {
    const { path } = issue;
    if (passes(path)) return [];
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, i) => ({ place: placeOf([...path, key], 'key'), ...spoken(messages[i] ?? '', '') }));
    }
    const name = path.at(-1);
    const place = placeOf(path);
    return [{ place, ...spoken(issue.message, name === undefined ? '' : nameOf(path)) }];
  });
}

/** Of a union the branch that was meant: the one whose parts are wrong, not its whole. */
function innermost(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const branches = issue.errors.map((inner) =>
    inner.map((one): Issue => ({ ...one, path: [...issue.path, ...one.path] })).flatMap(innermost),
  );
  const depth = (branch: readonly Issue[]) => Math.max(...branch.map(({ path }) => path.length));
  const meant = branches
    .filter((branch) => branch.some(({ path, code }) => path.length > issue.path.length || !ROOT.has(code)))
    .sort((a, b) => depth(b) - depth(a))[0];
  return meant ?? [{ ...issue, code: 'custom', errors: [] } as unknown as Issue];
}

const ROOT: ReadonlySet<string> = new Set(['invalid_type', 'invalid_union']);

/** `target.login[0].url` for the reader of a message. */
function nameOf(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .slice(1);
}

function spoken(message: string, name: string): { message: string; remedy?: string } {
  const [what = '', remedy] = message.split(REMEDY);
  const said = name === '' ? what : `${name}: ${what.slice(0, 1).toLowerCase()}${what.slice(1)}`;
  return { message: said, ...(remedy === undefined ? {} : { remedy }) };
}
