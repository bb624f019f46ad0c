import fc from 'fast-check';
import { floatNode, strNode } from '../../core/codec/nodes.ts';
import type { TypedNode } from '../../core/model/typed.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '__proto__', 'constructor', 'cart', 'count', '\ud800', '𝒳', '\u0000', '1'),
);

const scalar: fc.Arbitrary<TypedNode> = fc.oneof(
  fc.constant<TypedNode>({ t: 'none' }),
  fc.boolean().map((v): TypedNode => ({ t: 'bool', v })),
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map((v): TypedNode => ({ t: 'int', v: String(v) })),
  fc.integer({ min: -3, max: 3 }).map((v): TypedNode => ({ t: 'int', v: String(v) })),
  fc.double().map((v): TypedNode => floatNode(v)),
  text.map(strNode),
  fc.uint8Array({ maxLength: 12 }).map((v): TypedNode => ({ t: 'bytes', b64: Buffer.from(v).toString('base64') })),
  fc.constant<TypedNode>({ t: 'datetime', v: '2026-11-23T16:02:11.000000', fold: 0, tz: { t: 'none' } }),
  fc.constant<TypedNode>({ t: 'decimal', v: '19.90' }),
);

const key: fc.Arbitrary<TypedNode> = fc.oneof(
  { weight: 5, arbitrary: text.map(strNode) },
  { weight: 1, arbitrary: fc.integer().map((v): TypedNode => ({ t: 'int', v: String(v) })) },
  { weight: 1, arbitrary: fc.constant<TypedNode>({ t: 'tuple', v: [{ t: 'int', v: '1' }, { t: 'none' }] }) },
);

/** Values as typed JSON without sharing: scalars, list, tuple, dict, storage, objects. Keys of a mapping are distinct. */
export function typedValue(options: { maxDepth?: number } = {}): fc.Arbitrary<TypedNode> {
  const { value } = fc.letrec<{ value: TypedNode }>((tie) => ({
    value: fc.oneof(
      { maxDepth: options.maxDepth ?? 4, withCrossShrink: true },
      { weight: 3, arbitrary: scalar },
      { weight: 1, arbitrary: items(tie('value')).map((v): TypedNode => ({ t: 'list', v })) },
      { weight: 1, arbitrary: items(tie('value')).map((v): TypedNode => ({ t: 'tuple', v })) },
      { weight: 2, arbitrary: pairs(tie('value')).map((v): TypedNode => ({ t: 'dict', v })) },
      { weight: 1, arbitrary: pairs(tie('value')).map((v): TypedNode => ({ t: 'storage', v })) },
      {
        weight: 1,
        arbitrary: pairs(tie('value')).map(
          (v): TypedNode => ({ t: 'object', class: 'shop.User', state: { t: 'dict', v } }),
        ),
      },
    ),
  }));
  return value;
}

function items(value: fc.Arbitrary<TypedNode>): fc.Arbitrary<TypedNode[]> {
  return fc.array(value, { maxLength: 5, depthIdentifier: 'typed' });
}

function pairs(value: fc.Arbitrary<TypedNode>): fc.Arbitrary<[TypedNode, TypedNode][]> {
  return fc.uniqueArray(fc.tuple(key, value), {
    maxLength: 5,
    depthIdentifier: 'typed',
    selector: ([one]) => JSON.stringify(one),
  });
}
