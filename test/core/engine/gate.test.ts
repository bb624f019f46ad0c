import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Handlers, type Method, operations } from '../../../core/bridge/contract.ts';
import { changes, type Marks, needsConsent } from '../../../core/bridge/operation.ts';
import { type AuditLine, auditFile } from '../../../core/engine/audit.ts';
import { createEngine } from '../../../core/engine/engine.ts';
import { gateOf } from '../../../core/engine/gate.ts';
import { type ProblemError, problem } from '../../../core/model/problem.ts';
import { throughProxy } from '../../support/through-proxy.ts';
import { until } from '../../support/until.ts';

/* Every line of the operation table behind the gate: the marks decide, and nothing passes beside them. */

const METHODS = Object.keys(operations) as Method[];
const marksOf = (method: Method): Marks => operations[method].marks;
const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-gate-'));
  folders.push(made);
  return made;
};
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

function table(answer: (method: Method, request: unknown) => unknown) {
  const lines: AuditLine[] = [];
  const happened: string[] = [];
  const handlers = Object.fromEntries(
    METHODS.map((method) => [
      method,
      async (request: unknown) => {
        happened.push(method);
        return answer(method, request);
      },
    ]),
  ) as unknown as Handlers;
  const gate = gateOf(handlers, {
    settle: () => happened.push('settle'),
    confirmSaved: () => happened.push('saved'),
    audit: (line) => lines.push(line),
    clock: () => 7,
  });
  const call = (who: { name: string; consent: boolean }, method: Method, request: unknown = {}) =>
    (gate(who)[method] as (request: unknown) => Promise<unknown>)(request);
  return { call, lines, happened };
}

describe('the gate, for each operation of the table', () => {
  it.each(METHODS)(
    '%s waits for traffic, is confirmed where it saves, and leaves a line where it changes',
    async (method) => {
      const marks = marksOf(method);
      const { call, lines, happened } = table(() => ({ editId: 'e1', secret: 'x' }));
      await call({ name: 'desktop', consent: true }, method, { storeId: 's', key: 'secret' });
      const saves = marks.some((mark) => mark === 'saved');
      expect(happened).toEqual(['settle', method, ...(saves ? ['saved'] : [])]);
      expect(lines).toEqual(
        changes(marks)
          ? [{ at: 7, caller: 'desktop', operation: method, outcome: 'done', about: { storeId: 's', editId: 'e1' } }]
          : [],
      );
    },
  );

  it.each(METHODS)('%s needs consent exactly where it destroys or changes an application', async (method) => {
    const { call, lines, happened } = table(() => ({}));
    const result = call({ name: 'agent X', consent: false }, method).then(
      () => 'done',
      (error: ProblemError) => error.problem.kind,
    );
    if (needsConsent(marksOf(method))) {
      await expect(result).resolves.toBe('needs-confirmation');
      expect(happened, 'no handler ran').toEqual([]);
      expect(lines).toMatchObject([{ caller: 'agent X', operation: method, outcome: 'refused' }]);
    } else {
      await expect(result).resolves.toBe('done');
      expect(happened).toContain(method);
    }
  });

  it.each(METHODS.filter((method) => changes(marksOf(method))))('%s that fails leaves its reason', async (method) => {
    const { call, lines } = table(() => {
      throw problem('not-found', 'gone with sid=0123456789abcdef');
    });
    await expect(call({ name: 'web', consent: true }, method)).rejects.toThrow('gone');
    expect(lines).toMatchObject([{ operation: method, outcome: 'failed', problem: 'not-found' }]);
    expect(JSON.stringify(lines)).not.toContain('0123456789abcdef');
  });

  it('every destroying operation needs consent, and every undoable one', () => {
    for (const method of METHODS) {
      const marks = marksOf(method);
      if (marks[0] === 'destroys' || marks.some((mark) => mark === 'undoable')) {
        expect(needsConsent(marks), method).toBe(true);
      }
    }
  });
});

describe('the audit file', () => {
  it('is readable by its owner only, keeps one full file, and reports trouble once', () => {
    const file = path.join(folder(), 'audit.jsonl');
    const logged: string[] = [];
    writeFileSync(file, 'x'.repeat(5_000_001));
    const line: AuditLine = { at: 0, caller: 'web', operation: 'rules.add', outcome: 'done' };
    auditFile(file, (text) => logged.push(text))(line);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...line, at: '1970-01-01T00:00:00.000Z' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}.1`).size).toBe(5_000_001);

    const blocked = path.join(folder(), 'file');
    writeFileSync(blocked, '');
    const audit = auditFile(path.join(blocked, 'audit.jsonl'), (text) => logged.push(text));
    for (let i = 0; i < 3; i += 1) audit(line);
    expect(logged).toHaveLength(1);
  });
});

it('the engine writes an audit without secrets, and only what is marked so gives secrets away', async () => {
  const dataFolder = folder();
  const engine = await createEngine({ mode: 'web', version: '0', dataFolder });
  try {
    const { practice } = await engine.handlers['practice.start']({ kind: 'disk' });
    const { proxy } = await engine.handlers['app.info']({});
    const login = await throughProxy(proxy.port, `${practice.origin}/`, {
      method: 'POST',
      headers: ['Content-Type', 'application/x-www-form-urlencoded'],
      body: 'do=login:alice',
    });
    const sid = /webpy_session_id=([0-9a-f]+)/.exec(login.rawHeaders.join('\n'))?.[1] ?? '';
    expect(sid).not.toBe('');
    await throughProxy(proxy.port, `${practice.origin}/`, { headers: ['Cookie', `webpy_session_id=${sid}`] });
    const { sessions } = await until(
      () => engine.handlers['sessions.list']({}),
      (list) => list.sessions.some(({ id, record }) => id === sid && record !== undefined),
    );
    const session = sessions.find(({ id }) => id === sid);
    const key = session?.key ?? '';
    const storeId = session?.record?.storeId ?? '';
    await engine.handlers['keys.add']({ place: 'site 127.0.0.1', key: 'a-very-secret-key' });
    const { editId } = await engine.handlers['session.kill']({ key });

    const plausible: Record<string, unknown> = {
      key,
      storeId,
      id: sid,
      place: 'site 127.0.0.1',
      kind: 'file',
      title: 't',
      form: 'pem',
      path: [],
      setCookie: 'a=b',
      url: practice.origin,
    };
    let asked = 0;
    for (const method of METHODS) {
      const marks = marksOf(method);
      if (changes(marks) || marks.some((mark) => mark === 'secrets')) continue;
      const names = Object.keys((operations[method].request as { def?: { shape?: object } }).def?.shape ?? {});
      const request = Object.fromEntries(names.flatMap((name) => (name in plausible ? [[name, plausible[name]]] : [])));
      const reply = await (engine.handlers[method] as (request: unknown) => Promise<unknown>)(request).catch(
        (error: unknown) => String(error),
      );
      asked += 1;
      expect(JSON.stringify(reply), method).not.toContain(sid);
      expect(JSON.stringify(reply), method).not.toContain('a-very-secret-key');
    }
    expect(asked).toBeGreaterThan(15);

    const text = readFileSync(path.join(dataFolder, 'audit.jsonl'), 'utf8');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditLine);
    expect(lines.map(({ operation }) => operation)).toEqual(['practice.start', 'keys.add', 'session.kill']);
    expect(lines[2]).toMatchObject({ caller: 'web', outcome: 'done', about: { editId } });
    expect(text).not.toContain(sid);
    expect(text).not.toContain('a-very-secret-key');
  } finally {
    await engine.close();
  }
});
