/*
 * Stores that spread one session over several values (a row for each attribute, a field for each) still give one record.
 * Its bytes are these: a line that names the form, then for each value the length of its name, the name, the length of
 * the value and the value. Lengths are four bytes, high byte first.
 */

const HEAD = new TextEncoder().encode('session values 1\n');

export interface NamedValue {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A value with the place of its bytes. */
export interface PlacedValue extends NamedValue {
  readonly start: number;
  readonly end: number;
}

/** Whether bytes begin as `joinValues` writes them. */
export function areJoinedValues(bytes: Uint8Array): boolean {
  return HEAD.every((byte, at) => bytes[at] === byte);
}

/** One record of several values, in the order given. */
export function joinValues(values: readonly NamedValue[]): Uint8Array {
  const named = values.map(({ name, bytes }) => ({ name: new TextEncoder().encode(name), bytes }));
  const length = named.reduce((sum, { name, bytes }) => sum + 8 + name.length + bytes.length, HEAD.length);
  const made = new Uint8Array(length);
  const view = new DataView(made.buffer);
  made.set(HEAD);
  let at = HEAD.length;
  for (const { name, bytes } of named) {
    for (const part of [name, bytes]) {
      view.setUint32(at, part.length);
      made.set(part, at + 4);
      at += 4 + part.length;
    }
  }
  return made;
}

/** The values of such a record; a number is the offset at which the bytes are not of this form. Never throws. */
export function splitValues(bytes: Uint8Array): readonly PlacedValue[] | number {
  if (!areJoinedValues(bytes)) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const values: PlacedValue[] = [];
  let at = HEAD.length;
  const part = (): { start: number; end: number } | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const start = at + 4;
    const end = start + view.getUint32(at);
    if (end > bytes.length) return undefined;
    at = end;
    return { start, end };
  };
  while (at < bytes.length) {
    const from = at;
    const name = part();
    const value = name && part();
    if (name === undefined || value === undefined) return from;
    try {
      const text = decoder.decode(bytes.subarray(name.start, name.end));
      if (values.some((known) => known.name === text)) return from;
      values.push({ name: text, bytes: bytes.subarray(value.start, value.end), ...value });
    } catch {
      return from;
    }
  }
  return values;
}
