import * as z from 'zod/mini';
import type { ExportedText, ImportedCookies } from '../../model/proxy-settings.ts';
import { operation } from '../operation.ts';
import { cookieForm, fileText } from '../proxy-shapes.ts';
import { done, object, shortText } from '../shapes.ts';

/** What other programs write and read. */
export const transfer = {
  /** Of the named flows, or of those that the filter lets through. Masked unless `secrets`. */
  'export.har': operation({
    sentence: 'Gives flows as HAR 1.2.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({
      ids: z.exactOptional(z.array(shortText).check(z.maxLength(10_000))),
      filter: z.exactOptional(shortText),
      secrets: z.exactOptional(z.boolean()),
    }),
    reply: object<ExportedText>(),
  }),
  /** For any number of flows. Answers when the file is complete; `path` null when the user cancels. Only where `canPickFiles`. */
  'export.harFile': operation({
    sentence: 'Saves flows as HAR 1.2 in a file that the user chooses in the dialog of the host.',
    marks: ['writes', 'secrets'],
    undo: { never: 'The file is the user’s own; the dialog of the host asks before it replaces one.' },
    request: z.strictObject({
      title: shortText,
      ids: z.exactOptional(z.array(shortText).check(z.maxLength(10_000))),
      filter: z.exactOptional(shortText),
      secrets: z.exactOptional(z.boolean()),
    }),
    reply: z.object({ path: z.nullable(z.string()), count: z.number(), notes: z.array(z.string()) }),
  }),
  'import.har': operation({
    sentence: 'Adds the flows of a HAR to the workspace.',
    marks: ['writes', 'saved'],
    undo: { never: 'Recorded flows stay in the workspace until it is deleted.' },
    request: z.strictObject({ text: fileText }),
    reply: z.object({ flowIds: z.array(z.string()), notes: z.array(z.string()) }),
  }),
  /** For files of any size: `import.begin`, then pieces one after another, then `import.end`. `size`: of all pieces together. */
  'import.begin': operation({
    sentence: 'Begins to read a HAR that comes in pieces; its progress is shown, and the user can cancel it.',
    marks: ['writes'],
    undo: { by: 'task.cancel' },
    request: z.strictObject({ name: shortText, size: z.int().check(z.gte(0)) }),
    reply: z.object({ importId: z.string() }),
  }),
  /** Answers when the flows of the piece are in the workspace. `size`: of this piece, as in `import.begin`. */
  'import.piece': operation({
    sentence: 'Adds the flows of the next piece of a HAR to the workspace.',
    marks: ['writes'],
    undo: { never: 'Recorded flows stay in the workspace until it is deleted.' },
    request: z.strictObject({ importId: shortText, text: fileText, size: z.int().check(z.gte(0)) }),
    reply: done,
  }),
  'import.end': operation({
    sentence: 'Ends the reading of a HAR; says how many flows it had and what was left out.',
    marks: ['writes', 'saved'],
    undo: { never: 'Recorded flows stay in the workspace until it is deleted.' },
    request: z.strictObject({ importId: shortText }),
    reply: z.object({ count: z.number(), notes: z.array(z.string()) }),
  }),
  'export.curl': operation({
    sentence: 'Gives the command line that sends the same request with curl.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({
      id: shortText,
      shell: z.exactOptional(z.enum(['posix', 'windows'])),
      secrets: z.exactOptional(z.boolean()),
    }),
    reply: object<ExportedText>(),
  }),
  'export.code': operation({
    sentence:
      'Gives a piece of a program that sends the same request: for fetch, for requests of Python, or for HTTPie.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({
      id: shortText,
      form: z.enum(['fetch', 'python', 'httpie']),
      secrets: z.exactOptional(z.boolean()),
    }),
    reply: object<ExportedText>(),
  }),
  /** As the browser holds them, or as the flows of the session showed them. */
  'export.cookies': operation({
    sentence: 'Gives the cookies that belong to the host of a session, as cookies.txt or as storageState.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ key: shortText, form: cookieForm, secrets: z.exactOptional(z.boolean()) }),
    reply: object<ExportedText>(),
  }),
  /** The form is recognized by its looks; with `runId` the cookies go into the jar of that browser. */
  'import.cookies': operation({
    sentence: 'Reads cookies.txt or storageState, and stores the cookies in a browser that was opened from here.',
    marks: ['writes', 'idempotent', 'traffic', 'secrets', 'application'],
    undo: { never: 'The jar is that of a browser opened from here; closing the browser removes it.' },
    request: z.strictObject({ text: fileText, runId: z.exactOptional(shortText) }),
    reply: object<ImportedCookies>(),
  }),
} as const;
