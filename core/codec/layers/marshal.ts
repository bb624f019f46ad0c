import type { TypedNode } from '../../model/typed.ts';
import { applyToGraph } from '../edit-typed.ts';
import type { Layer, LayerContext, ValueDecoded } from '../layer.ts';
import { MarshalReader } from '../marshal/reader.ts';
import { MarshalTyped } from '../marshal/typed.ts';
import { inRuby, MarshalWriter, writeMarshal } from '../marshal/writer.ts';
import { getAt } from '../path.ts';

/** Ruby's Marshal, format 4.8; nothing is ever loaded. */
export const marshal: Layer = {
  id: 'marshal',
  title: 'Ruby Marshal',
  recognise(bytes) {
    if (bytes[0] !== 4 || bytes[1] !== 8 || bytes.length < 3) return undefined;
    return { score: 0.92, reasons: ['Starts with the version of Marshal, 4.8'] };
  },
  decode,
  make: { kind: 'value', write: writeMarshal },
};

function decode(bytes: Uint8Array, context: LayerContext): ValueDecoded {
  const root = new MarshalReader(bytes, context.budget).root();
  const typed = new MarshalTyped();
  const value = typed.of(root);
  return {
    kind: 'value',
    value,
    evidence: evidenceOf(value),
    warnings: [],
    facts: { version: '4.8' },
    lossless: true,
    spanOf(path) {
      const node = getAt(value, path);
      return node && typed.spanOf(node);
    },
    edit(edits) {
      if (edits.length === 0) return bytes;
      const writer = new MarshalWriter(typed.origins);
      writer.value(applyToGraph(value, edits));
      return writer.bytes();
    },
    dialect: inRuby,
  };
}

function evidenceOf(value: TypedNode): ValueDecoded['evidence'] {
  if (value.t === 'list') return value.v.length > 0 ? 'structure' : 'none';
  return value.t === 'dict' || value.t.startsWith('ruby-') ? 'structure' : 'none';
}
