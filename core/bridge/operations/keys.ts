import * as z from 'zod/mini';
import type { KeyInfo, KeyOffer } from '../../model/keys.ts';
import { operation } from '../operation.ts';
import { listOf } from '../shapes.ts';

/** `site HOST` or `store ID`. */
const place = z.string().check(z.maxLength(2_000), z.regex(/^(site|store) \S/));
/** Absolute path of an application's folder on this computer. */
const folder = z.string().check(z.minLength(1), z.maxLength(4_000));
const keys = z.object({ keys: listOf<KeyInfo>() });

/** Keys with which applications sign and seal their sessions. */
export const keyRing = {
  'keys.list': operation({
    sentence: 'Lists the keys of a site or store by their fingerprints.',
    marks: ['reads'],
    request: z.strictObject({ place }),
    reply: keys,
  }),
  'keys.add': operation({
    sentence: 'Adds a key for a site or store; it is saved sealed, is tried first, and signs.',
    marks: ['writes', 'idempotent'],
    undo: { by: 'keys.remove' },
    request: z.strictObject({ place, key: z.string().check(z.minLength(1), z.maxLength(20_000)) }),
    reply: keys,
  }),
  'keys.offers': operation({
    sentence:
      'Lists the keys in the settings files of a folder, by their places and fingerprints; none is used by that.',
    marks: ['reads'],
    request: z.strictObject({ folder }),
    reply: z.object({ offers: listOf<KeyOffer>() }),
  }),
  'keys.take': operation({
    sentence: 'Adds a key that a settings file holds for a site or store.',
    marks: ['writes', 'idempotent'],
    undo: { by: 'keys.remove' },
    request: z.strictObject({
      place,
      folder,
      file: z.string().check(z.maxLength(1_000)),
      id: z.string().check(z.maxLength(64)),
    }),
    reply: keys,
  }),
  'keys.remove': operation({
    sentence: 'Removes a key of a site or store.',
    marks: ['destroys', 'idempotent'],
    undo: { never: 'The key is gone from the workspace; who has it can add it again.' },
    request: z.strictObject({ place, id: z.string().check(z.maxLength(64)) }),
    reply: keys,
  }),
} as const;
