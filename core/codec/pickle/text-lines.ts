/** Texts as the line arguments of protocol 0, and UTF-8 of code points with surrogates among them. */

/** Argument of UNICODE with its newline: Latin-1, everything else as `\uXXXX` or `\UXXXXXXXX`. */
export function rawUnicodeLine(text: string, cp: readonly number[] | undefined): Uint8Array {
  const bytes: number[] = [];
  const add = (point: number): void => {
    const escaped = point === 0x5c || point === 0 || point === 10 || point === 13 || point === 0x1a;
    if (point < 256 && !escaped) bytes.push(point);
    else push(bytes, point < 0x10000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`);
  };
  if (cp !== undefined) for (const point of cp) add(point);
  else for (const character of text) add(character.codePointAt(0) as number);
  bytes.push(10);
  return Uint8Array.from(bytes);
}

const NAMED = new Map<number, string>([
  [0x5c, '\\\\'],
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
]);

/** STRING with its argument as Python 2 writes it: `repr` of the bytes, and a newline. */
export function stringLine(content: Uint8Array): Uint8Array {
  const quote = content.includes(0x27) && !content.includes(0x22) ? 0x22 : 0x27;
  const bytes: number[] = [0x53, quote];
  for (const byte of content) {
    const named = NAMED.get(byte) ?? (byte === quote ? `\\${String.fromCharCode(quote)}` : undefined);
    if (named !== undefined) push(bytes, named);
    else if (byte < 32 || byte > 126) push(bytes, `\\x${hex(byte, 2)}`);
    else bytes.push(byte);
  }
  bytes.push(quote, 10);
  return Uint8Array.from(bytes);
}

/** UTF-8 of code points; surrogates are encoded one by one, as Python's `surrogatepass` does. */
export function utf8WithSurrogates(points: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const p of points) {
    if (p < 0x80) bytes.push(p);
    else if (p < 0x800) bytes.push(0xc0 | (p >> 6), 0x80 | (p & 63));
    else if (p < 0x10000) bytes.push(0xe0 | (p >> 12), 0x80 | ((p >> 6) & 63), 0x80 | (p & 63));
    else bytes.push(0xf0 | (p >> 18), 0x80 | ((p >> 12) & 63), 0x80 | ((p >> 6) & 63), 0x80 | (p & 63));
  }
  return Uint8Array.from(bytes);
}

function push(bytes: number[], ascii: string): void {
  for (let i = 0; i < ascii.length; i++) bytes.push(ascii.charCodeAt(i));
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
