import type { JsonDocument, JsonNode } from './cst.ts';

/** How a format's own writer prints JSON, for what the text itself does not show. */
export interface JsonHabits {
  /** `", "` and `": "`, Python's default; without, both are compact. */
  readonly spaced?: boolean;
  /** Everything beyond ASCII is escaped (Python, PHP), or nothing is (JavaScript). */
  readonly ascii?: boolean;
  readonly slashes?: boolean;
  readonly html?: boolean;
  /** New keys go to their sorted place while all keys of the object are sorted (Flask). */
  readonly sortKeys?: boolean;
}

/** How a JSON text is written, so that new parts look like the old ones. */
export interface JsonStyle {
  /** Between a key and its value. */
  readonly colon: string;
  /** Between members on one line. */
  readonly comma: string;
  /** Set when members stand on lines of their own: the line break and the white space of one level. */
  readonly indent?: { readonly newline: string; readonly unit: string };
  /** Everything beyond ASCII is written as `\uXXXX`. */
  readonly ascii: boolean;
  /** `/` is written as `\/`, as PHP does. */
  readonly slashes: boolean;
  /** `<`, `>` and `&` are written as `\u00xx`, as Rails does. */
  readonly html: boolean;
}

/** The style of a text that says nothing about it: compact, and ASCII only, which every reader takes. */
export const COMPACT: JsonStyle = { colon: ':', comma: ',', ascii: true, slashes: false, html: false };

/** Containers that are looked at for examples. */
const MOST = 2000;

/** Finds the style of a text from its first examples. */
export function styleOf(document: JsonDocument, habits: JsonHabits = {}): JsonStyle {
  const text = (start: number, end: number) => ascii(document.bytes.subarray(start, end));
  let colon: string | undefined;
  let comma: string | undefined;
  let indent: JsonStyle['indent'];
  const open: [JsonNode, string][] = [[document.root, '']];
  for (let steps = 0; steps < open.length && steps < MOST; steps++) {
    const [node, base] = open[steps] as [JsonNode, string];
    const members = node.members ?? [];
    const [first, second] = members;
    let inner = base;
    if (first !== undefined) {
      const lead = text(node.start + 1, first.start);
      const broken = /^(\r?\n)([ \t]*)$/.exec(lead);
      if (broken?.[2]?.startsWith(base)) {
        inner = broken[2];
        if (inner.length > base.length) indent ??= { newline: broken[1] as string, unit: inner.slice(base.length) };
      }
      if (first.key !== undefined) colon ??= text(first.key.end, first.node.start);
      if (second !== undefined && !lead.includes('\n')) comma ??= text(first.end, second.start);
    }
    for (const member of members) {
      if (open.length >= MOST) break;
      if (member.node.members !== undefined) open.push([member.node, inner]);
    }
    if (colon !== undefined && comma !== undefined && indent !== undefined) break;
  }
  return {
    colon: colon ?? (comma === ', ' || (comma === undefined && habits.spaced === true) ? ': ' : ':'),
    comma:
      comma ??
      ((colon === ': ' || (colon === undefined && habits.spaced === true)) && indent === undefined ? ', ' : ','),
    ...(indent && { indent }),
    // A text with anything beyond ASCII in it shows that its writer does not escape.
    ascii: isAscii(document.bytes) && habits.ascii !== false,
    slashes: habits.slashes === true || writes(document.bytes, '\\/'),
    html: habits.html === true || ['\\u003c', '\\u003e', '\\u0026'].some((escaped) => writes(document.bytes, escaped)),
  };
}

function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x80) return false;
  return true;
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 200));
}

function writes(bytes: Uint8Array, pattern: string): boolean {
  for (let i = bytes.indexOf(0x5c); i >= 0; i = bytes.indexOf(0x5c, i + 2)) {
    let k = 1;
    while (k < pattern.length && ((bytes[i + k] ?? 0) | 0x20) === (pattern.charCodeAt(k) | 0x20)) k++;
    if (k === pattern.length) return true;
  }
  return false;
}
