import type { Edit } from '../../model/path.ts';
import { problem } from '../../model/problem.ts';
import type { TypedNode } from '../../model/typed.ts';
import { fromBase64, fromLatin1, fromUtf8, latin1, toBase64, utf8, utf8Error } from '../bytes.ts';
import type { Layer, ValueDecoded } from '../layer.ts';
import { strNode } from '../nodes.ts';

/** Layers whose whole content is one text or byte string. They are never guessed: any bytes would fit. */
export const text: Layer = wholeLayer({
  id: 'text',
  title: 'Text (UTF-8)',
  read(bytes) {
    const found = fromUtf8(bytes);
    if (found === undefined) throw problem('utf8-invalid', 'The bytes are not valid UTF-8', { at: utf8Error(bytes) });
    return strNode(found);
  },
  write: (value) => utf8(textOf(value)),
});

export const latin1Text: Layer = wholeLayer({
  id: 'latin1',
  title: 'Text (Latin-1)',
  read: (bytes) => strNode(fromLatin1(bytes)),
  write: (value) => latin1(textOf(value)),
});

export const rawBytes: Layer = wholeLayer({
  id: 'bytes',
  title: 'Bytes',
  read: (bytes) => ({ t: 'bytes', b64: toBase64(bytes) }),
  write(value) {
    const bytes = value.t === 'bytes' ? fromBase64(value.b64) : undefined;
    if (bytes === undefined) throw problem('bytes-needed', `Only bytes can be written here, not ${value.t}`);
    return bytes;
  },
});

interface Whole {
  readonly id: string;
  readonly title: string;
  read(bytes: Uint8Array): TypedNode;
  write(value: TypedNode): Uint8Array;
}

function wholeLayer(kind: Whole): Layer {
  return {
    id: kind.id,
    title: kind.title,
    recognise: () => undefined,
    decode(bytes): ValueDecoded {
      return {
        kind: 'value',
        value: kind.read(bytes),
        evidence: 'none',
        warnings: [],
        facts: { bytes: bytes.length },
        lossless: true,
        spanOf: (path) => (path.length === 0 ? { start: 0, end: bytes.length } : undefined),
        edit: (edits) => edits.reduce((_, edit) => kind.write(wholeOf(edit)), bytes),
      };
    },
    make: { kind: 'value', write: (value) => kind.write(value) },
  };
}

function wholeOf(edit: Edit): TypedNode {
  if (edit.op === 'set' && edit.path.length === 0) return edit.value;
  throw problem('no-members', 'A plain text has no members; only the whole can be set');
}

function textOf(value: TypedNode): string {
  if (value.t !== 'str') throw problem('text-needed', `Only text can be written here, not ${value.t}`);
  return value.v;
}
