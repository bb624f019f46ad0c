import * as z from 'zod/mini';
import type { CookieProof, SessionDetail } from '../../model/app.ts';
import type { Diagnosis } from '../../model/diagnosis.ts';
import type { Outlook } from '../../model/outlook.ts';
import type { SessionSummary, TimelineEntry } from '../../model/session.ts';
import { operation } from '../operation.ts';
import { count, done, edited, listOf, object, shortText } from '../shapes.ts';

/** The list of sessions, and one session with all that belongs to it. */
export const sessions = {
  'sessions.list': operation({
    sentence: 'Lists the sessions that were seen, newest first.',
    marks: ['reads', 'secrets'],
    /** `after`: the last line of the page before. `lane` as in `flows.list`. */
    request: z.strictObject({
      filter: z.exactOptional(shortText),
      limit: z.exactOptional(count),
      after: z.exactOptional(z.strictObject({ at: z.number(), key: shortText })),
      lane: z.exactOptional(shortText),
    }),
    reply: z.object({
      sessions: listOf<SessionSummary>(),
      /** How many sessions there are, and how many the filter lets through. */
      total: count,
      matching: z.exactOptional(count),
      /** Why the list may be empty. */
      emptyReason: z.nullable(z.string()),
    }),
  }),
  'session.detail': operation({
    sentence: 'Gives one session with its cookie, its record, its data, its newest flows and its edits.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ key: shortText }),
    reply: z.object({ detail: z.nullable(object<SessionDetail>()) }),
  }),
  'session.timeline': operation({
    sentence: 'Lists what happened to a session, newest first.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ key: shortText, before: z.exactOptional(count), limit: count }),
    reply: z.object({ entries: listOf<TimelineEntry>() }),
  }),
  'session.overrule': operation({
    sentence: 'Says whether a cookie is a session, whatever its score says.',
    marks: ['writes', 'idempotent', 'saved'],
    undo: { by: 'session.overrule' },
    request: z.strictObject({ key: shortText, verdict: z.nullable(z.enum(['session', 'not-session'])) }),
    reply: done,
  }),
  /** Their cookies are joined with records again, or no longer. */
  'session.join': operation({
    sentence: 'Says whether the application that issued a cookie and the one it is also sent to share their sessions.',
    marks: ['writes', 'idempotent', 'saved'],
    undo: { by: 'session.join' },
    request: z.strictObject({ key: shortText, joined: z.boolean() }),
    reply: done,
  }),
  'session.kill': operation({
    sentence: 'Removes the record of a session from its store, as the application does at a logout.',
    marks: ['destroys', 'undoable', 'application'],
    request: z.strictObject({ key: shortText }),
    reply: edited,
  }),
  'session.why': operation({
    sentence: 'Explains why a session ended, with the evidence, or says that it goes on.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ key: shortText }),
    reply: object<Diagnosis>(),
  }),
  'session.outlook': operation({
    sentence:
      'Says whether a session will survive a restart of the browser, a deployment, a night, a login redirect and a frame.',
    marks: ['reads', 'secrets'],
    request: z.strictObject({ key: shortText }),
    reply: z.object({ answers: listOf<Outlook>() }),
  }),
  /**
   * Replays a flow of the session (the newest that can be repeated safely unless one is named) without each cookie in
   * turn. A method that changes things needs `confirmed`.
   */
  'session.prove': operation({
    sentence: 'Finds out which cookies keep the login, by leaving each of them out of a repeated request.',
    marks: ['writes', 'traffic', 'secrets'],
    undo: { never: 'Requests that were sent cannot be called back.' },
    request: z.strictObject({
      key: shortText,
      flowId: z.exactOptional(shortText),
      confirmed: z.exactOptional(z.boolean()),
    }),
    reply: object<CookieProof>(),
  }),
} as const;
