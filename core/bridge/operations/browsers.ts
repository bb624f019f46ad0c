import * as z from 'zod/mini';
import type { BrowserInfo, PracticeInfo, RunningBrowser } from '../../model/app.ts';
import { operation } from '../operation.ts';
import { done, listOf, nothing, object, shortText } from '../shapes.ts';

/** Browsers that are opened from here, and the practice site. */
export const browsers = {
  'browsers.list': operation({
    sentence: 'Lists the browsers that are installed and those that were opened from here.',
    marks: ['reads'],
    request: nothing,
    reply: z.object({ found: listOf<BrowserInfo>(), running: listOf<RunningBrowser>() }),
  }),
  'browser.launch': operation({
    sentence: 'Opens a browser with a profile of its own whose traffic passes the proxy.',
    marks: ['writes', 'traffic'],
    undo: { by: 'browser.close' },
    request: z.strictObject({
      browserId: shortText,
      identity: z.exactOptional(shortText),
      startUrl: z.exactOptional(shortText),
      /** Of Chromium's family: cookies of other sites than the one in the tab. Default `as-chrome`. */
      thirdPartyCookies: z.exactOptional(z.enum(['as-chrome', 'blocked'])),
    }),
    reply: z.object({ runId: z.string() }),
  }),
  'browser.close': operation({
    sentence: 'Closes a browser that was opened from here; its profile is removed.',
    marks: ['destroys', 'idempotent', 'traffic'],
    undo: { never: 'The profile is removed; the browser can be opened again with a new one.' },
    request: z.strictObject({ runId: shortText }),
    reply: done,
  }),
  'practice.start': operation({
    sentence: 'Starts the practice site and attaches its store.',
    marks: ['writes', 'idempotent'],
    undo: { by: 'practice.stop' },
    request: z.strictObject({ kind: z.enum(['disk', 'sqlite']) }),
    reply: z.object({ practice: object<PracticeInfo>() }),
  }),
  'practice.stop': operation({
    sentence: 'Stops the practice site.',
    marks: ['writes', 'idempotent'],
    undo: { by: 'practice.start' },
    request: nothing,
    reply: done,
  }),
  'practice.info': operation({
    sentence: 'Says where the practice site runs.',
    marks: ['reads'],
    request: nothing,
    reply: z.object({ practice: z.nullable(object<PracticeInfo>()) }),
  }),
} as const;
