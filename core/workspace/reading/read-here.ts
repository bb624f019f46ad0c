import type { FlowPageOf } from '../flow-query.ts';
import type { FlowTable } from '../flow-table.ts';
import type { SessionTable } from '../session-table.ts';
import type { ReadKind, Reads, SessionPageOf } from './reader-messages.ts';

interface Tables {
  readonly flows: Pick<FlowTable, 'list' | 'count'>;
  readonly sessions: Pick<SessionTable, 'list' | 'count'>;
}

/** A read in this thread: of a workspace in memory, and where no other thread can be had. */
export function readHere<K extends ReadKind>(tables: Tables, kind: K, query: Reads[K]['query']): Reads[K]['answer'] {
  const read = {
    flows: (): FlowPageOf => {
      const asked = query as Reads['flows']['query'];
      const flows = tables.flows.list(asked);
      const all = asked.before === undefined && flows.length < asked.limit;
      return { flows, total: all ? flows.length : tables.flows.count(asked) };
    },
    sessions: (): SessionPageOf => {
      const asked = query as Reads['sessions']['query'];
      const sessions = tables.sessions.list(asked);
      const isAll = asked.after === undefined && sessions.length < asked.limit;
      const total = isAll ? sessions.length : tables.sessions.count(asked);
      return { sessions, total, all: asked.filter === undefined ? total : tables.sessions.count() };
    },
  };
  return read[kind]() as Reads[K]['answer'];
}
