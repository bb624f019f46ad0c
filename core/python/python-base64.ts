import { PythonError } from './python-error.ts';

/** `base64.encodebytes`: lines of 76 characters, each with its line feed, the last too; nothing for no bytes. */
export function encodeBase64Lines(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  let lines = '';
  for (let at = 0; at < text.length; at += 76) lines += `${text.slice(at, at + 76)}\n`;
  return lines;
}

const CLEAN = /^[A-Za-z0-9+/\n]*={0,2}\n?$/;

/** One character for each byte, without making a Buffer of the bytes first. */
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

const { base64Write } = Buffer.prototype as unknown as {
  base64Write(this: Uint8Array, text: string, offset: number, length: number): number;
};
const MOST_ROOM = 1024 * 1024;

/** Where `borrowBase64` decodes to. */
let room = new Uint8Array(16 * 1024);

/**
 * `base64.decodebytes`, as lenient as CPython's `binascii.a2b_base64`: characters outside the alphabet are skipped, a
 * complete padding group ends the data, a `=` where no padding can be is ignored.
 *
 * @throws PythonError `binascii.Error` for missing padding or one leftover character.
 */
export function decodeBase64(bytes: Uint8Array): Uint8Array {
  return borrowBase64(bytes).slice();
}

/** The same for a caller that is done with the bytes before the next call: they stand in room that is used again. */
export function borrowBase64(bytes: Uint8Array): Uint8Array {
  const text = latin1Slice.call(bytes, 0, bytes.length);
  if (!CLEAN.test(text)) return decodeLeniently(text);
  const data = text.replaceAll('\n', '');
  // Padding of the right length at the end is the only form that both decoders read alike.
  if (data.length % 4 !== 0) return decodeLeniently(text);
  if (data.length > MOST_ROOM) return new Uint8Array(Buffer.from(data, 'base64'));
  if (data.length > room.length) room = new Uint8Array(data.length * 2);
  return room.subarray(0, base64Write.call(room, data, 0, room.length));
}

function decodeLeniently(text: string): Uint8Array {
  let data = '';
  let padding = 0;
  for (const character of text) {
    if (character === '=') {
      const position = data.length % 4;
      if (position >= 2 && position + ++padding >= 4) return new Uint8Array(Buffer.from(data, 'base64'));
    } else if (/[A-Za-z0-9+/]/.test(character)) {
      padding = 0;
      data += character;
    }
  }
  const left = data.length % 4;
  if (left === 1) {
    throw new PythonError(
      'binascii.Error',
      `Invalid base64-encoded string: number of data characters (${data.length}) cannot be 1 more than a multiple of 4`,
    );
  }
  if (left !== 0) throw new PythonError('binascii.Error', 'Incorrect padding');
  return new Uint8Array(Buffer.from(data, 'base64'));
}
