import * as z from 'zod/mini';
import type { EditInfo, RecordApplied, RecordPreview } from '../../model/app.ts';
import type { Peel, ValueSpan } from '../../model/peel.ts';
import type { RecordView } from '../../model/session.ts';
import { edit, layerNames, path } from '../edit-shapes.ts';
import { operation } from '../operation.ts';
import { done, edited, listOf, object, recordAddress, shortText, text } from '../shapes.ts';

const recordEdit = z.strictObject({
  ...recordAddress,
  revision: text,
  edits: z.array(edit).check(z.maxLength(10_000)),
  sessionKey: z.exactOptional(shortText),
  as: z.exactOptional(layerNames),
});

/** Records of stores: look, preview, write, remove, age, bring back; undo and redo of every kind of edit. */
export const records = {
  /** `as`: read by these layers instead of the guessed or chosen ones. */
  'record.get': operation({
    sentence: 'Gives one record of a store with its decoded data.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ ...recordAddress, as: z.exactOptional(layerNames) }),
    reply: z.object({ record: z.nullable(object<RecordView>()) }),
  }),
  'record.preview': operation({
    sentence: 'Shows what an edit of a record would write, without writing it.',
    marks: ['reads', 'secrets'],
    request: recordEdit,
    reply: object<RecordPreview>(),
  }),
  'record.apply': operation({
    sentence: 'Writes an edit into a record, if it is still as it was read.',
    marks: ['writes', 'undoable', 'application'],
    request: recordEdit,
    reply: object<RecordApplied>(),
  }),
  'record.remove': operation({
    sentence: 'Removes a record from its store.',
    marks: ['destroys', 'undoable', 'application'],
    request: z.strictObject({ ...recordAddress, revision: z.exactOptional(text) }),
    reply: edited,
  }),
  'record.age': operation({
    sentence: 'Back-dates the last use of a record by a number of seconds.',
    marks: ['writes', 'undoable', 'application'],
    request: z.strictObject({ ...recordAddress, seconds: z.number() }),
    reply: edited,
  }),
  /** `snapshot` stands in an entry of the timeline. */
  'record.restore': operation({
    sentence: 'Brings a past state of a record back.',
    marks: ['writes', 'undoable', 'application'],
    request: z.strictObject({ ...recordAddress, snapshot: shortText }),
    reply: edited,
  }),

  'record.peel': operation({
    sentence: 'Gives each layer of a record with its settings, its warnings and its bytes (the first million of each).',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ ...recordAddress, as: z.exactOptional(layerNames) }),
    reply: object<Peel>(),
  }),
  'record.span': operation({
    sentence: 'Says where a value stands in the bytes of a record, outermost and innermost.',
    marks: ['reads'],
    request: z.strictObject({ ...recordAddress, path, as: z.exactOptional(layerNames) }),
    reply: object<ValueSpan>(),
  }),
  /** Null: the layers are guessed again. */
  'record.layers': operation({
    sentence: 'Names the layers by which a record is read and written from now on.',
    marks: ['writes', 'idempotent', 'saved'],
    undo: { by: 'record.layers' },
    request: z.strictObject({ ...recordAddress, layers: z.nullable(layerNames) }),
    reply: done,
  }),

  'edits.list': operation({
    sentence: 'Lists the edits that were made from here, newest first.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ sessionKey: z.exactOptional(shortText) }),
    reply: z.object({ edits: listOf<EditInfo>() }),
  }),
  /**
   * When the record has changed since in the same places, `guarded` (the default) is refused with kind `changed-since`;
   * `mine` puts back only what the edit changed, `whole` the whole earlier record.
   */
  'edit.undo': operation({
    sentence: 'Takes an edit back.',
    marks: ['writes', 'traffic', 'application'],
    undo: { by: 'edit.redo' },
    request: z.strictObject({ editId: shortText, how: z.exactOptional(z.enum(['guarded', 'mine', 'whole'])) }),
    reply: done,
  }),
  'edit.redo': operation({
    sentence: 'Makes an edit again that was taken back.',
    marks: ['writes', 'traffic', 'application'],
    undo: { by: 'edit.undo' },
    request: z.strictObject({ editId: shortText }),
    reply: done,
  }),
} as const;
