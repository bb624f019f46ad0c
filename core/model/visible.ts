/**
 * Characters that a terminal, a browser or a notification acts upon instead of showing them: control characters (escapes
 * among them, of seven and of eight bits), direction marks, invisible and unassigned characters, line and paragraph
 * separators, halves of surrogate pairs, and the blanks that look like nothing (Hangul fillers, the empty Braille cell).
 * The joiners stay where scripts and emoji need them.
 */
const HIDDEN =
  /((?<=[\p{L}\p{M}\p{Extended_Pictographic}]|\ufe0f)[\u200c\u200d](?=[\p{L}\p{M}\p{Extended_Pictographic}]))|[\p{C}\u2028\u2029\u115f\u1160\u3164\uffa0\u2800]/gu;

/**
 * A text from outside on one line of a terminal, a report, a notification or a list: what cannot be seen is written as
 * `\u{1b}`. Everything foreign that is shown as text goes through here, or through `visibleLines`.
 */
export function visible(text: string): string {
  return text.replace(HIDDEN, (char, joiner: string | undefined) => joiner ?? escaped(char));
}

/** The same for a text of several lines: line feeds and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(/[^\n\t]+/g, visible);
}

/** JSON for a terminal: control and direction characters as `\uXXXX`, so that the document stays the same. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\x7f-\x9f\p{Cf}\u2028\u2029]/gu, (char) =>
    Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}

const escaped = (char: string): string => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
