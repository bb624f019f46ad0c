import * as z from 'zod/mini';
import type { LayerInfo, Peel } from '../../model/peel.ts';
import { edit, givenBytes, layerNames } from '../edit-shapes.ts';
import { operation } from '../operation.ts';
import { listOf, nothing, object } from '../shapes.ts';

/** Layers, and bytes that stand in no store. */
export const values = {
  'layers.list': operation({
    sentence: 'Lists the layers that can be decoded and written.',
    marks: ['reads'],
    request: nothing,
    reply: z.object({ layers: listOf<LayerInfo>() }),
  }),
  'value.decode': operation({
    sentence: 'Decodes any bytes layer by layer, as the value of a cookie is.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ of: givenBytes, as: z.exactOptional(layerNames) }),
    reply: object<Peel>(),
  }),
  /** Formats that need a secret to be written are refused. */
  'value.edit': operation({
    sentence: 'Gives the same bytes with a change inside their layers.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({
      of: givenBytes,
      edits: z.array(edit).check(z.maxLength(10_000)),
      as: z.exactOptional(layerNames),
    }),
    reply: z.object({ text: z.string(), base64: z.string() }),
  }),
} as const;
