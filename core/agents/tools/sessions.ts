import * as z from 'zod';
import { toPlain } from '../../codec/typed-plain.ts';
import type { SessionDetail } from '../../model/app.ts';
import { problem } from '../../model/problem.ts';
import type { SessionSummary, TimelineEntry } from '../../model/session.ts';
import { referenceTo } from '../references.ts';
import { type Answer, type ToolPorts, tool } from '../tool.ts';

export const session = z.string().max(100).describe('The number of the session, as the tool sessions gives it');
const offset = z.number().int().min(0).default(0).describe('Where to go on: next_offset of the answer before');

/** The sessions that were seen. */
export const sessions = tool({
  name: 'sessions',
  title: 'List sessions',
  description:
    'Lists the web sessions that passed the proxy, newest first, with their state and the event that led to it. ' +
    'filter takes words of the filter box, such as state:ended, host:shop.test or lost:certain.',
  operations: ['sessions.list'],
  input: z.object({ filter: z.string().max(1_000).optional(), offset }),
  async run({ filter, offset: from }, { handlers }) {
    const {
      sessions: all,
      total,
      emptyReason,
    } = await handlers['sessions.list'](filter === undefined ? {} : { filter });
    return {
      said: { sessions: total, ...(emptyReason === null ? {} : { why_empty: emptyReason }) },
      page: { items: all.slice(from).map(lineOf), offset: from, total: all.length },
    };
  },
});

/** A session as a line of a list. */
function lineOf({ key, host, carrier, state, event, lastActivity, flows, label, framework }: SessionSummary) {
  return {
    session: key,
    host,
    carried_by: carrier.kind === 'url' ? `URL parameter ${carrier.parameter}` : `${carrier.kind} ${carrier.name}`,
    value: referenceTo(key),
    state,
    because: 'because' in event ? event.because : undefined,
    last_used: iso(lastActivity),
    flows,
    ...(label === undefined ? {} : { label }),
    ...(framework === undefined ? {} : { framework: framework.title }),
  };
}

/** One session: data, timeline, requests. */
export const oneSession = tool({
  name: 'session',
  title: 'Look at one session',
  description:
    'Gives one session: part "data" is its cookie attributes and its record on the server, decoded; "timeline" is what happened to it, ' +
    'newest first; "requests" are the recorded requests that carried it, whose ids the tool replay takes.',
  operations: ['session.detail', 'session.timeline'],
  input: z.object({ session, part: z.enum(['data', 'timeline', 'requests']).default('data'), offset }),
  async run({ session: key, part, offset: from }, ports) {
    const detail = await detailOf(key, ports);
    if (part === 'timeline') return timelineOf(key, from, ports);
    if (part === 'requests') {
      const items = detail.flows.map(({ id, startedAt, method, url, status, error }) => ({
        request: id,
        at: iso(startedAt),
        method,
        url,
        status: status ?? null,
        ...(error === undefined ? {} : { error }),
      }));
      return { said: { session: key }, page: { items: items.slice(from), offset: from, total: items.length } };
    }
    return dataOf(detail);
  },
});

function dataOf({ summary, cookie, record, recordProblem, lastCleanup }: SessionDetail): Answer {
  const { clocks } = summary;
  return {
    said: {
      session: summary.key,
      state: summary.state,
      cookie_value: referenceTo(summary.key),
      clocks: {
        cookie_ends: clocks.cookie.expires === null ? 'when the browser closes' : iso(clocks.cookie.expires),
        ...(clocks.payload === undefined ? {} : { value_ends: iso(clocks.payload.expires) }),
        ...(clocks.store === undefined ? {} : { record_last_used: iso(clocks.store.lastUsed) }),
        ...(lastCleanup === undefined ? {} : { last_cleanup: iso(lastCleanup) }),
      },
      ...(recordProblem === undefined ? {} : { no_record: recordProblem.message, what_to_do: recordProblem.remedy }),
    },
    outside: {
      ...lineOf(summary),
      ...(cookie === null
        ? {}
        : {
            attributes: {
              domain: cookie.domain ?? '(host only)',
              path: cookie.path,
              secure: cookie.secure,
              http_only: cookie.httpOnly,
              same_site: cookie.sameSite ?? '(none)',
              partitioned: cookie.partitioned,
            },
          }),
      ...(record === null
        ? {}
        : {
            record: {
              store: record.storeId,
              bytes: record.bytes,
              layers: record.layers,
              ...(record.signature === undefined ? {} : { signed: record.signature }),
              ...(record.error === undefined ? {} : { error: record.error.message }),
              data: record.value === null ? null : toPlain(record.value),
            },
          }),
    },
  };
}

async function timelineOf(key: string, from: number, { handlers }: ToolPorts): Promise<Answer> {
  const { entries } = await handlers['session.timeline']({ key, limit: 1_000 });
  return {
    said: { session: key },
    page: { items: entries.slice(from).map(entryOf), offset: from, total: entries.length },
  };
}

/** A line of the timeline without snapshots, which are texts of the store as a whole. */
function entryOf(entry: TimelineEntry) {
  const { seq: _, at, flowId, ...rest } = entry;
  const base = { at: iso(at), ...(flowId === undefined ? {} : { request: flowId }) };
  switch (rest.kind) {
    case 'data-changed':
      return {
        ...base,
        kind: rest.kind,
        changes: rest.differences.map(({ path, at: place, before, after }) => {
          const name = path.findLast((step) => step.kind === 'key');
          const member = name?.kind === 'key' && name.key.t === 'str' ? name.key.v : 'value';
          return {
            place,
            // Under its own name, so that what is a secret by its name is masked.
            ...(before === undefined ? {} : { before: { [member]: toPlain(before) } }),
            ...(after === undefined ? {} : { after: { [member]: toPlain(after) } }),
          };
        }),
      };
    case 'state': {
      const { at: _at, flowId: _flow, ...event } = rest.event;
      return { ...base, kind: rest.kind, ...event };
    }
    default: {
      const { snapshot: _snapshot, ...plain } = rest as typeof rest & { snapshot?: string };
      return { ...base, ...plain };
    }
  }
}

/** Why it ended. */
export const why = tool({
  name: 'why',
  title: 'Explain why a session ended',
  description:
    'Says why a user was logged out: the loss that was seen, the cause (certain, likely or possible), the evidence with the ids of the ' +
    'requests, what is missing to decide, and how to mend it.',
  operations: ['session.why', 'session.outlook'],
  input: z.object({
    session,
    ahead: z
      .boolean()
      .default(false)
      .describe(
        'Asks instead whether it will survive a restart of the browser, a deployment, a night, a login redirect and a frame',
      ),
  }),
  async run({ session: key, ahead }, { handlers }) {
    if (ahead) {
      const { answers } = await handlers['session.outlook']({ key });
      return {
        said: { session: key, survives: Object.fromEntries(answers.map(({ trial, verdict }) => [trial, verdict])) },
        outside: { reasons: answers.map(({ trial, sentence, because }) => ({ trial, sentence, because })) },
      };
    }
    const { loss, answer, causes } = await handlers['session.why']({ key });
    return {
      said: { session: key, loss: loss === null ? null : { kind: loss.kind, at: iso(loss.at), request: loss.flowId } },
      outside: {
        answer,
        causes: causes.map(({ id, certainty, sentence, remedy, mend, evidence, against, missing }) => ({
          cause: id,
          certainty,
          sentence,
          remedy: mend === undefined ? remedy : `${remedy} ${mend}`,
          evidence: evidence.map(({ at, flowId, text, line }) => ({
            ...(at === undefined ? {} : { at: iso(at) }),
            ...(flowId === undefined ? {} : { request: flowId }),
            text,
            ...(line === undefined ? {} : { line }),
          })),
          ...(against === undefined ? {} : { against }),
          ...(missing === undefined ? {} : { missing }),
        })),
      },
    };
  },
});

/** @throws ProblemError `not-found` */
export async function detailOf(key: string, { handlers }: Pick<ToolPorts, 'handlers'>): Promise<SessionDetail> {
  const { detail } = await handlers['session.detail']({ key });
  if (detail === null) {
    throw problem('not-found', `There is no session ${key}`, {
      remedy: 'The tool sessions lists those that there are.',
    });
  }
  return detail;
}

function iso(ms: number | null): string | null {
  return ms === null || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15 ? null : new Date(ms).toISOString();
}
