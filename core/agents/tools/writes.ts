import * as z from 'zod';
import { parsePath, resolveNewPath, resolvePath } from '../../codec/path.ts';
import { valueFromText } from '../../codec/value-text.ts';
import { parseDuration } from '../../model/duration.ts';
import { problem } from '../../model/problem.ts';
import type { RecordView } from '../../model/session.ts';
import { type ToolPorts, tool } from '../tool.ts';
import { detailOf, session } from './sessions.ts';

/** Changes one value of the data of a session. */
export const set = tool({
  name: 'set',
  title: 'Change a value of a session',
  description:
    'Changes one value in the record of a session on the server, e.g. path "user.role", value "\\"admin\\"" (JSON). Writes only if the record is still as it was read. ' +
    'The answer names an edit, which the tool undo takes back.',
  operations: ['session.detail', 'record.apply'],
  input: z.object({
    session,
    path: z.string().min(1).max(1_000).describe('Such as cart[0].price'),
    value: z.string().max(100_000).describe('JSON, or typed JSON'),
  }),
  async run({ session: key, path, value }, ports) {
    const record = await recordOf(key, ports);
    const edits = [{ op: 'set' as const, path: [...placeIn(record, path)], value: valueFromText(value) }];
    const { storeId, id, revision } = record;
    const applied = await ports.handlers['record.apply']({ storeId, id, revision, edits, sessionKey: key });
    if (applied.outcome !== 'written') {
      throw problem('changed-meanwhile', 'The record has changed since it was read: nothing was written', {
        remedy: 'Look at the session again and repeat the call.',
      });
    }
    return { said: { written: true, edit: applied.editId, session: key } };
  },
});

/** Back-dates the last use. */
export const age = tool({
  name: 'age',
  title: 'Age a session',
  description:
    'Moves the last use of the record of a session back, as if it had not been used for that long: by "2h", "25h", "30d". undo takes it back.',
  operations: ['session.detail', 'record.age'],
  input: z.object({ session, by: z.string().max(40).describe('Such as 90s, 2h, 25h, 30d') }),
  async run({ session: key, by }, ports) {
    const seconds = parseDuration(by);
    if (seconds === undefined)
      throw problem('bad-seconds', `${by} is no span of time`, { remedy: 'Write 90s, 2h or 30d.' });
    const { storeId, id } = await recordOf(key, ports);
    const { editId } = await ports.handlers['record.age']({ storeId, id, seconds });
    return { said: { aged: true, seconds, edit: editId, session: key } };
  },
});

/** Removes the record. */
export const kill = tool({
  name: 'kill',
  title: 'Kill a session',
  description:
    'Removes the record of a session from its store, as the application does at a logout. undo brings it back.',
  operations: ['session.kill'],
  input: z.object({ session }),
  async run({ session: key }, { handlers }) {
    const { editId } = await handlers['session.kill']({ key });
    return { said: { killed: true, edit: editId, session: key } };
  },
});

/** Takes an edit back. */
export const undo = tool({
  name: 'undo',
  title: 'Undo an edit',
  description: 'Takes an edit back that set, age, kill or the user made. Without edit, lists the edits of the session.',
  operations: ['edits.list', 'edit.undo'],
  input: z.object({ session: z.string().max(100).optional(), edit: z.string().max(100).optional() }),
  async run({ session: key, edit }, { handlers }) {
    if (edit !== undefined) {
      await handlers['edit.undo']({ editId: edit });
      return { said: { undone: true, edit } };
    }
    const { edits } = await handlers['edits.list'](key === undefined ? {} : { sessionKey: key });
    const items = edits.map(({ editId, what, text, state }) => ({ edit: editId, what, text, state }));
    return { said: {}, page: { items, offset: 0, total: items.length } };
  },
});

async function recordOf(key: string, ports: ToolPorts): Promise<RecordView> {
  const { record, recordProblem } = await detailOf(key, ports);
  if (record !== null) return record;
  throw problem('no-record', recordProblem?.message ?? 'The session has no record in an attached store', {
    remedy: recordProblem?.remedy ?? 'Attach the store of the application with the tool stores.',
  });
}

function placeIn({ value }: RecordView, text: string) {
  const path = parsePath(text);
  const place = value === null ? undefined : (resolvePath(value, path) ?? resolveNewPath(value, path));
  if (place === undefined) {
    throw problem('bad-path', `The data has no place ${text}`, {
      remedy: 'The tool session with part "data" shows the names.',
    });
  }
  return place;
}
