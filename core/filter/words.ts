/** A word of a filter as it was typed, with quotes taken off. Offsets are in UTF-16 units of the filter's text. */
export interface Word {
  readonly text: string;
  readonly at: number;
  /** Behind its last character. */
  readonly end: number;
  /** Offset in `text` from which it was quoted, or -1. */
  readonly quotedFrom: number;
  /** A quotation mark is not closed. */
  readonly open: boolean;
  /** `(` and `)` that stand for themselves. */
  readonly bracket: boolean;
}

/**
 * Words between spaces; quotes keep spaces together and `\"` is a quotation mark. A bracket at the beginning of a word
 * opens a group; one at its end closes a group, unless the word itself opened it (`path:/a(b)`).
 */
export function* words(text: string): Generator<Word> {
  let i = 0;
  let groups = 0;
  const bracket = (at: number): Word => ({
    text: text[at] as string,
    at,
    end: at + 1,
    quotedFrom: -1,
    open: false,
    bracket: true,
  });
  while (i < text.length) {
    const first = text[i] as string;
    if (/\s/.test(first)) {
      i += 1;
    } else if (first === '(' || (first === ')' && groups > 0)) {
      groups += first === '(' ? 1 : -1;
      yield bracket(i);
      i += 1;
    } else {
      const word = plainWord(text, i, groups);
      yield word;
      i = word.end;
    }
  }
}

function plainWord(text: string, at: number, groups: number): Word {
  let out = '';
  let quotedFrom = -1;
  let open = false;
  let inside = 0;
  let i = at;
  for (; i < text.length && (open || !/\s/.test(text[i] as string)); i += 1) {
    const c = text[i] as string;
    if (c === '"') {
      open = !open;
      if (quotedFrom < 0) quotedFrom = out.length;
    } else if (open && c === '\\' && i + 1 < text.length) {
      i += 1;
      out += text[i];
    } else if (!open && c === '(') {
      // `-(` and `!(`: the sign is a word of its own before the group.
      if (out === '-' || out === '!') break;
      inside += 1;
      out += c;
    } else if (!open && c === ')') {
      if (inside === 0 && groups > 0) break;
      inside -= 1;
      out += c;
    } else out += c;
  }
  return { text: out, at, end: i, quotedFrom, open, bracket: false };
}
