import * as z from 'zod/mini';
import type { CookieApplied, CookieJudgement, CookiePreview } from '../../model/app.ts';
import { operation } from '../operation.ts';
import { object, shortText, text } from '../shapes.ts';

const cookieChange = z.strictObject({
  value: z.exactOptional(text),
  set: z.exactOptional(z.record(shortText, z.nullable(text))),
  remove: z.exactOptional(z.array(shortText)),
  companions: z.exactOptional(z.record(shortText, z.nullable(text))),
});

/** Cookies: what a browser will do with one, and edits of them. */
export const cookies = {
  'cookie.preview': operation({
    sentence: 'Shows what an edit of the cookie of a session would change, and what a browser would say to it.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ key: shortText, change: cookieChange }),
    reply: object<CookiePreview>(),
  }),
  'cookie.apply': operation({
    sentence: 'Edits the cookie of a session in the jar of its browser, or on its way through the proxy.',
    marks: ['writes', 'traffic', 'undoable', 'application'],
    /** `hold`: a rule holds the edit, also where a jar has taken it and the application sets the cookie again. */
    request: z.strictObject({ key: shortText, change: cookieChange, hold: z.exactOptional(z.boolean()) }),
    reply: object<CookieApplied>(),
  }),
  /** For an edit that the application has overwritten, or is going to. */
  'cookie.hold': operation({
    sentence: 'Holds an edit of a cookie by a rule, so that what the application sets does not undo it.',
    marks: ['writes', 'traffic', 'undoable', 'application'],
    request: z.strictObject({ key: shortText, editId: shortText }),
    reply: object<CookieApplied>(),
  }),
  'cookie.judge': operation({
    sentence: 'Says whether a browser stores a Set-Cookie header that comes from a URL, and why.',
    marks: ['reads'],
    /** `browser`: whose rules; those of the browser that was seen at the host when absent. */
    request: z.strictObject({
      setCookie: text,
      url: text,
      browser: z.exactOptional(z.enum(['chromium', 'firefox', 'safari'])),
    }),
    reply: object<CookieJudgement>(),
  }),
} as const;
