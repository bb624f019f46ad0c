import * as z from 'zod/mini';
import type { ValueFinding } from '../../model/finding.ts';
import type { LayerInfo, Peel } from '../../model/peel.ts';
import type { SignatureView } from '../../model/signature.ts';
import { edit, givenBytes, layerNames } from '../edit-shapes.ts';
import { operation } from '../operation.ts';
import { listOf, nothing, object } from '../shapes.ts';

/** Whose cookie the bytes are: its site's keys, its name and its companions take part. */
const sessionKey = z.string().check(z.maxLength(10_000));
/** Companions that an edit has made already and that no request carries yet. */
const companions = z.record(z.string(), z.nullable(z.string()));
/** What a value is looked at with. */
const around = {
  as: z.exactOptional(layerNames),
  sessionKey: z.exactOptional(sessionKey),
  companions: z.exactOptional(companions),
  /** Keys for this call alone: they go before those that are kept, the first signs, and none of them is saved. */
  keys: z.exactOptional(z.array(z.string().check(z.minLength(1), z.maxLength(20_000))).check(z.maxLength(50))),
  /** Name of the cookie, where it is no session's. */
  name: z.exactOptional(z.string().check(z.maxLength(1_000))),
};

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
    request: z.strictObject({ of: givenBytes, ...around }),
    reply: object<Peel>(),
  }),
  'value.findings': operation({
    sentence: 'Says what is wrong with a value by itself: made with a published key, a token that anybody can write.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ of: givenBytes, ...around }),
    reply: z.object({ findings: listOf<ValueFinding>() }),
  }),
  'value.edit': operation({
    sentence: 'Gives the same bytes with a change inside their layers.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({
      of: givenBytes,
      edits: z.array(edit).check(z.maxLength(10_000)),
      ...around,
      stamp: z.exactOptional(z.enum(['keep', 'now'])),
    }),
    reply: z.object({
      text: z.string(),
      base64: z.string(),
      /** Cookies that must change together with this one; null: the cookie goes. */
      companions,
      /** Of the new value, as it was read back. */
      signature: z.exactOptional(object<SignatureView>()),
    }),
  }),
} as const;
