import * as z from 'zod/mini';
import type { LayerInfo, Peel } from '../../model/peel.ts';
import { edit, givenBytes, layerNames } from '../edit-shapes.ts';
import { operation } from '../operation.ts';
import { listOf, nothing, object } from '../shapes.ts';

/** Whose cookie the bytes are: its site's keys, its name and its companions take part. */
const sessionKey = z.string().check(z.maxLength(10_000));
/** Companions that an edit has made already and that no request carries yet. */
const companions = z.record(z.string(), z.nullable(z.string()));

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
    request: z.strictObject({
      of: givenBytes,
      as: z.exactOptional(layerNames),
      sessionKey: z.exactOptional(sessionKey),
      companions: z.exactOptional(companions),
    }),
    reply: object<Peel>(),
  }),
  'value.edit': operation({
    sentence: 'Gives the same bytes with a change inside their layers.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({
      of: givenBytes,
      edits: z.array(edit).check(z.maxLength(10_000)),
      as: z.exactOptional(layerNames),
      sessionKey: z.exactOptional(sessionKey),
      companions: z.exactOptional(companions),
      stamp: z.exactOptional(z.enum(['keep', 'now'])),
    }),
    reply: z.object({
      text: z.string(),
      base64: z.string(),
      /** Cookies that must change together with this one; null: the cookie goes. */
      companions,
    }),
  }),
} as const;
