import { type ProblemError, problem } from '../model/problem.ts';
import type { TypedKind, TypedNode } from '../model/typed.ts';
import { utf8 } from './bytes.ts';
import { readJson } from './json/reader.ts';
import { DEFAULT_LIMITS, makeBudget } from './limits.ts';
import { SHAPES } from './shape.ts';
import { parseTyped } from './typed-parse.ts';

/**
 * The VALUE of commands and input fields: JSON, where a number written with a point or exponent is a float, or typed
 * JSON: an object whose `t` names a kind and that has no fields but those of that kind.
 *
 * What looks like typed JSON and is not quite that (a misspelt kind, a field that the kind does not have, a typed value
 * inside plain JSON) is refused: stored as a dict it would look right and be wrong.
 * @throws ProblemError `bad-value`, `bad-typed-json`
 */
export function valueFromText(text: string): TypedNode {
  let plain: TypedNode;
  try {
    plain = readJson(utf8(text), makeBudget(DEFAULT_LIMITS)).root.value;
  } catch (cause) {
    throw problem('bad-value', `${(cause as Error).message} in ${JSON.stringify(text.slice(0, 80))}`, {
      remedy: 'Give JSON, like 3, "text" or {"a": [1, 2.5]}; text needs its double quotes',
      cause,
    });
  }
  const { kind, exact } = typedLook(plain);
  if (exact) return parseTyped(text);
  if (kind !== undefined) throw nearMiss(plain, kind, '');
  refuseTypedInside(plain);
  return plain;
}

type Look = { readonly kind: TypedKind | undefined; readonly exact: boolean };

const FIELD_NAMES = new Set([...SHAPES.values()].flatMap((shape) => shape.fields.map((field) => field.name)));
const NOT_TYPED: Look = { kind: undefined, exact: false };

/** The kind that an object of plain JSON names or seems to mean, and whether it is typed JSON by its fields. */
function typedLook(node: TypedNode): Look {
  if (node.t !== 'dict') return NOT_TYPED;
  const names = node.v.map(([key]) => (key.t === 'str' ? key.v : ''));
  const given = node.v[names.indexOf('t')]?.[1];
  if (given?.t !== 'str') return NOT_TYPED;
  const shape = SHAPES.get(given.v as TypedKind);
  const others = names.filter((name) => name !== 't' && name !== 'id');
  if (shape !== undefined) {
    const fits = others.every((name) => shape.fields.some((field) => field.name === name));
    return { kind: given.v as TypedKind, exact: fits };
  }
  // A misspelt kind is only assumed where everything beside it is a field of some kind.
  if (others.length === 0 || !others.every((name) => FIELD_NAMES.has(name))) return NOT_TYPED;
  return { kind: nearestKind(given.v), exact: false };
}

/** The kind with the same letters, or one that differs by one letter or by two letters swapped. */
function nearestKind(word: string): TypedKind | undefined {
  if (word.length > 30) return undefined;
  const letters = plainLetters(word);
  const kinds = [...SHAPES.keys()];
  return (
    kinds.find((kind) => plainLetters(kind) === letters) ??
    kinds.find((kind) => kind.length > 3 && oneApart(plainLetters(kind), letters))
  );
}

function plainLetters(word: string): string {
  return word.toLowerCase().replace(/[^a-z]/g, '');
}

function oneApart(a: string, b: string): boolean {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && long[same] === short[same]) same++;
  if (long.length !== short.length) return long.slice(same + 1) === short.slice(same);
  if (long.slice(same + 1) === short.slice(same + 1)) return true;
  const swapped = long[same] === short[same + 1] && long[same + 1] === short[same];
  return swapped && long.slice(same + 2) === short.slice(same + 2);
}

function nearMiss(node: TypedNode, kind: TypedKind, where: string): ProblemError {
  const fields = SHAPES.get(kind)?.fields.map(({ name, optional }) => `"${name}"${optional ? ' (optional)' : ''}`);
  const has = fields === undefined || fields.length === 0 ? 'no other field' : fields.join(', ');
  const given = node.t === 'dict' ? node.v.map(([key]) => (key.t === 'str' ? `"${key.v}"` : '?')).join(', ') : '';
  return problem(
    'bad-value',
    `An object with ${given} is nearly typed JSON of kind ${kind}, which has "t" and ${has}`,
    {
      remedy:
        'Correct it; for a dict with these very keys write typed JSON: {"t":"dict","v":[[{"t":"str","v":"t"},{"t":"str","v":"…"}]]}',
      ...(where !== '' && { where }),
    },
  );
}

/** Plain JSON that holds typed JSON further down is neither: the reader would take the inner part for a dict. */
function refuseTypedInside(root: TypedNode): void {
  const open: { node: TypedNode; where: string }[] = [{ node: root, where: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, where } = next;
    const { kind, exact } = where === '' ? NOT_TYPED : typedLook(node);
    if (kind !== undefined && exact) {
      throw problem('bad-value', `Typed JSON of kind ${kind} stands inside plain JSON`, {
        remedy: 'Write the whole value as typed JSON, lists and dicts too, or set the inner place by its own path',
        where,
      });
    }
    if (kind !== undefined) throw nearMiss(node, kind, where);
    if (node.t === 'list') node.v.forEach((inner, i) => void open.push({ node: inner, where: `${where}[${i}]` }));
    if (node.t === 'dict') {
      for (const [key, inner] of node.v) {
        const name = key.t === 'str' ? key.v : '?';
        open.push({ node: inner, where: where === '' ? name : `${where}.${name}` });
      }
    }
  }
}
