import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeCookieChange, draftCookie } from '../../../core/editing/cookie-edit.ts';
import {
  type CookieEdit,
  CookieEditor,
  type CookieOwner,
  type CookieTarget,
} from '../../../core/editing/cookie-editor.ts';
import type { EditInfo } from '../../../core/model/app.ts';
import { openWorkspace, type Workspace } from '../../../core/workspace/workspace.ts';

const SET = 'sid=AAA; expires=Wed, 01 Jan 2031 00:00:00 GMT;  HttpOnly; Path=/; SameSite=Lax; X-Odd=1';
const COOKIE = { name: 'sid', value: 'AAA', setCookie: SET };

describe('draftCookie', () => {
  it.each([
    [{ value: 'BBB' }, SET.replace('AAA', 'BBB'), 'sid: AAA → BBB'],
    [{ set: { SameSite: 'Strict' } }, SET.replace('Lax', 'Strict'), 'SameSite=Lax → SameSite=Strict'],
    [{ set: { Secure: null } }, `${SET}; Secure`, 'Secure added'],
    [{ remove: ['httponly'] }, SET.replace(';  HttpOnly', ''), 'HttpOnly removed'],
    [{ set: { 'Max-Age': '60' } }, `${SET}; Max-Age=60`, 'Max-Age=60 added'],
    [{}, SET, 'Nothing changed'],
  ])('%o leaves every other byte', (change, after, words) => {
    const draft = draftCookie(COOKIE, change);
    expect(draft).toMatchObject({ before: SET, after });
    expect(describeCookieChange(COOKIE, draft)).toBe(words);
  });

  it('tells what a person should know', () => {
    const notes = (
      change: Parameters<typeof draftCookie>[1],
      cookie: { name: string; value: string; setCookie?: string } = COOKIE,
    ) => draftCookie(cookie, change).notes.join(' | ');
    expect(notes({ set: { 'Max-Age': '0' } })).toMatch(/go by Max-Age.*deletes the cookie/);
    expect(notes({}, { name: 'sid', value: 'AAA' })).toContain('its attributes are not known');
    expect(notes({}, { ...COOKIE, setCookie: 'sid=1; Path=/a; path=/b' })).toContain('path stands there 2 times');
    expect(() => draftCookie(COOKIE, { value: 'a;b' })).toThrow();
    expect(() => draftCookie(COOKIE, { set: { Path: '/\r\nX: 1' } })).toThrow();
  });
});

describe('CookieEditor', () => {
  let folder: string;
  let workspace: Workspace;
  let editor: CookieEditor;
  let told: EditInfo[];
  const wire = new Map<string, CookieEdit>();
  const jar = new Map<string, string>();
  const owner: CookieOwner = {
    key: 's1',
    host: 'shop.test',
    name: 'sid',
    url: 'http://shop.test/',
    carrier: { kind: 'cookie', name: 'sid' },
    cookie: COOKIE,
  };

  const onWire: CookieTarget = {
    apply: async (edit) => {
      wire.set(edit.editId, edit);
      return 'On the wire';
    },
    revert: async (edit) => void wire.delete(edit.editId),
  };
  const inJar: CookieTarget = {
    apply: async ({ name, beforeValue, afterValue }) => {
      if (jar.get(name) !== beforeValue) return null;
      jar.set(name, afterValue);
      return 'In the jar';
    },
    revert: async ({ name, beforeValue, afterValue }) => {
      if (jar.get(name) === afterValue) jar.set(name, beforeValue);
    },
  };

  async function start(targets: readonly CookieTarget[] = [onWire, inJar]): Promise<void> {
    workspace = await openWorkspace(path.join(folder, 'w.sqlite'), { clock: () => 5 });
    told = [];
    editor = new CookieEditor({
      log: workspace.edits,
      targets,
      clock: () => 7,
      newId: () => `e${Math.random()}`,
      onEdit: (edit) => told.push(edit),
    });
    await editor.resume();
  }

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'cookies-'));
    wire.clear();
    jar.clear();
    await start();
  });

  afterEach(async () => {
    await workspace.close();
    rmSync(folder, { recursive: true });
  });

  it('puts an edit in force everywhere it can, and takes it out again', async () => {
    jar.set('sid', 'AAA');
    const applied = await editor.apply(owner, { value: 'BBB' });
    expect(applied).toMatchObject({ after: SET.replace('AAA', 'BBB'), appliedTo: ['On the wire', 'In the jar'] });
    expect(told).toMatchObject([{ what: 'cookie', state: 'applied', text: 'sid: AAA → BBB', sessionKey: 's1' }]);
    expect(jar.get('sid')).toBe('BBB');
    await editor.undo(applied.editId);
    expect(wire.size).toBe(0);
    expect(jar.get('sid')).toBe('AAA');
    await editor.redo(applied.editId);
    expect(jar.get('sid')).toBe('BBB');
    expect(told.map(({ state }) => state)).toEqual(['applied', 'undone', 'applied']);
  });

  it('is in force again after a restart, and can still be undone', async () => {
    const { editId } = await editor.apply(owner, { value: 'BBB', set: { Secure: null } });
    const undone = await editor.apply({ ...owner, host: 'other.test' }, { value: 'CCC' });
    await editor.undo(undone.editId);
    wire.clear();
    await workspace.close();
    await start();
    expect([...wire.values()]).toMatchObject([{ editId, afterValue: 'BBB', attributes: true }]);
    await editor.undo(editId);
    expect(wire.size).toBe(0);
  });

  it('names who wrote over it', async () => {
    const { editId } = await editor.apply(owner, { value: 'BBB' });
    const carrier = { kind: 'cookie', name: 'sid' } as const;
    const seen = { host: 'shop.test', carrier, by: 'the answer to POST /login', flowId: 'f12' };
    expect(editor.wasSet({ ...seen, carrier: { ...carrier, path: '/app/' }, value: 'CCC' })).toBeUndefined();
    expect(editor.wasSet({ ...seen, value: 'BBB' })).toBeUndefined();
    expect(editor.wasSet({ ...seen, host: 'other.test', value: 'CCC' })).toBeUndefined();
    expect(editor.wasSet({ ...seen, value: 'CCC', rewritten: true })).toBeUndefined();
    expect(editor.wasSet({ ...seen, value: 'CCC' })).toMatchObject({
      editId,
      state: 'overwritten',
      overwrittenBy: 'the answer to POST /login',
      overwrittenIn: 'f12',
      overwrittenAt: 7,
    });
    expect(editor.wasSet({ ...seen, value: 'DDD' })).toBeUndefined();
    expect(editor.inForce('shop.test', carrier)).toBeUndefined();
  });

  it('attributes that come back as they were are an overwritten edit too; a moved date is not', async () => {
    await editor.apply(owner, { set: { SameSite: 'Strict' } });
    const seen = { host: 'shop.test', carrier: { kind: 'cookie', name: 'sid' }, value: 'AAA', by: 'x' } as const;
    const moved = SET.replace('Lax', 'Strict').replace('2031', '2032');
    expect(editor.wasSet({ ...seen, setCookie: moved })).toBeUndefined();
    expect(editor.wasSet({ ...seen, setCookie: SET })).toMatchObject({ state: 'overwritten' });
  });

  it('says so when there is no place for it, and leaves no edit behind', async () => {
    await workspace.close();
    await start([inJar]);
    await expect(editor.apply(owner, { value: 'BBB' })).rejects.toMatchObject({
      problem: { kind: 'nowhere-to-apply' },
    });
    await expect(editor.apply(owner, {})).rejects.toMatchObject({ problem: { kind: 'nothing-to-do' } });
    expect(workspace.edits.list({ phase: 'done' })).toEqual([]);
    expect(told).toEqual([]);
  });
});
