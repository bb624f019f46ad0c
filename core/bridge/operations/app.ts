import * as z from 'zod/mini';
import type { AppInfo } from '../../model/app.ts';
import { operation } from '../operation.ts';
import { fileText } from '../proxy-shapes.ts';
import { done, nothing, object, shortText } from '../shapes.ts';

/** The debugger itself: what it is, its settings, its long work. */
export const app = {
  'app.info': operation({
    sentence: 'Says which version runs where, and the state of proxy, workspace and certificate.',
    marks: ['reads'],
    request: nothing,
    reply: object<AppInfo>(),
  }),
  /** Null when the user cancels. Only where `canPickFiles`. */
  'app.pickFile': operation({
    sentence: 'Shows the file dialog of the host.',
    marks: ['reads'],
    request: z.strictObject({
      kind: z.enum(['directory', 'file', 'save']),
      title: shortText,
      name: z.exactOptional(shortText),
    }),
    reply: z.object({ path: z.nullable(z.string()) }),
  }),
  /** Answers when the file is there; null when the user cancels. Only where `canPickFiles`. */
  'app.saveFile': operation({
    sentence: 'Saves a text, or bytes as base64, in a file that the user chooses in the dialog of the host.',
    marks: ['writes', 'secrets'],
    undo: { never: 'The file is the user’s own; the dialog of the host asks before it replaces one.' },
    request: z.strictObject({
      title: shortText,
      name: shortText,
      content: z.union([z.strictObject({ text: fileText }), z.strictObject({ base64: fileText })]),
    }),
    reply: z.object({ path: z.nullable(z.string()) }),
  }),
  'settings.get': operation({
    sentence: 'Gives the settings of the window.',
    marks: ['reads'],
    request: nothing,
    reply: z.object({ values: z.record(z.string(), z.unknown()) }),
  }),
  'settings.set': operation({
    sentence: 'Saves one setting of the window.',
    marks: ['writes', 'idempotent', 'saved'],
    undo: { by: 'settings.set' },
    request: z.strictObject({ key: shortText, value: z.unknown() }),
    reply: done,
  }),
  'task.cancel': operation({
    sentence: 'Cancels long work that is shown with its progress.',
    marks: ['writes', 'idempotent'],
    undo: { never: 'What was done up to then stays; the work can be started again.' },
    request: z.strictObject({ taskId: shortText }),
    reply: done,
  }),
} as const;
