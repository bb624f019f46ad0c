import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JarCookie, LaunchedBrowser } from '../../../core/browser/browser-types.ts';
import { noteAnswers } from '../../../core/engine/cookie-answers.ts';
import { CookieService } from '../../../core/engine/cookie-service.ts';
import type { EditInfo } from '../../../core/model/app.ts';
import type { CookieView } from '../../../core/model/session.ts';
import type { LiveSession } from '../../../core/registry/registry.ts';
import { makeFlow, sightingsOf } from '../../support/flow-builder.ts';
import { type Harness, HEX, harness, passFlow } from '../../support/registry-harness.ts';

/* One truth for an edit of a cookie: what is asked for, what the jar holds, and who changed it last. */

const A = HEX('a');
const SET = `sid=${A}; HttpOnly; Path=/`;
let folder: string;
let h: Harness;
let cookies: CookieService;
let told: EditInfo[];
let jar: CookieView[];
let browsers: LaunchedBrowser[];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'standing-'));
  h = await harness(path.join(folder, 'w.sqlite'));
  told = [];
  jar = [];
  const browser = {
    found: { name: 'Chromium' },
    cookies: async () => jar,
    setCookie: async (cookie: JarCookie) => {
      jar.push({ secure: false, httpOnly: false, partitioned: false, others: [], ...cookie } as CookieView);
    },
    deleteCookie: async (gone: { name: string; path: string }) => {
      jar = jar.filter(({ name, path: at }) => name !== gone.name || at !== gone.path);
      return 1;
    },
  };
  browsers = [browser as unknown as LaunchedBrowser];
  let count = 0;
  cookies = new CookieService({
    log: h.workspace.edits,
    clock: () => h.now,
    newId: () => `e${++count}`,
    jars: () => browsers,
    onEdit: (edit) => told.push(edit),
    describeFlow: (flowId) => `GET http://shop.test/ (${flowId})`,
  });
});

afterEach(async () => {
  await h.close();
  rmSync(folder, { recursive: true });
});

/** The browser's request and the answer, as capture and engine pass them on; the jar takes what is set. */
function visit(id: string, setCookie: readonly string[] = [SET], cookie = `sid=${A}`): void {
  h.now += 1_000;
  const flow = makeFlow({ id, at: h.now, cookie, setCookie });
  const sightings = sightingsOf(flow).map((one) =>
    one.direction === 'response' ? { ...one, setCookie: setCookie[0] ?? '' } : one,
  );
  passFlow(h, flow, sightings);
  noteAnswers(cookies, flow, sightings);
  for (const view of setCookie.map(() => session().cookie)) {
    if (view === undefined) continue;
    jar = jar.filter(({ name, path: at }) => name !== view.name || at !== view.path);
    const { setCookie: _s, expiresText: _e, maxAge: _m, setAt: _a, ...held } = view;
    jar.push(held);
  }
}

const session = (): LiveSession => h.registry.get(h.key(A)) as LiveSession;

it('what the jar has after an edit is what is shown; an answer that sets the cookie again has overwritten it', async () => {
  visit('f1');
  visit('f2');
  const { editId, lasts } = await cookies.apply(session(), { set: { SameSite: 'Strict' } });
  expect(lasts).toBe(false);
  expect(await cookies.standing(session())).toMatchObject({
    edit: { editId, state: 'applied' },
    asked: `${SET}; SameSite=Strict`,
    by: 'jar',
    now: { sameSite: 'Strict', setCookie: `${SET}; SameSite=Strict` },
    from: 'jar',
    changedBy: { who: 'edit' },
    setEachTime: true,
  });
  expect(cookies.held(session())).toMatchObject({ sameSite: 'Strict' });
  visit('f3');
  expect(told.at(-1)).toMatchObject({
    editId,
    state: 'overwritten',
    overwrittenBy: 'GET http://shop.test/ (f3)',
    overwrittenIn: 'f3',
    overwrittenAt: h.now,
  });
  const after = await cookies.standing(session());
  expect(after).toMatchObject({
    edit: { editId, state: 'overwritten' },
    changedBy: { who: 'application', flowId: 'f3', at: h.now },
    from: 'jar',
  });
  expect(after.now).not.toHaveProperty('sameSite');
  expect(cookies.held(session())).toBeUndefined();

  // Offered as a rule that holds: the answers are changed on their way.
  expect(await cookies.hold(session(), editId)).toMatchObject({ lasts: true });
  visit('f4');
  expect(told.at(-1)).toMatchObject({ editId, state: 'applied' });
  expect(await cookies.standing(session())).toMatchObject({ by: 'wire', edit: { state: 'applied' } });
  expect(cookies.rules()).toMatchObject([{ editId, title: 'SameSite=Strict' }]);
  await cookies.undo(editId);
  expect(cookies.rules()).toEqual([]);
  expect(await cookies.standing(session())).not.toHaveProperty('edit');
});

it('an edit in the jar that nothing sets again lasts, and another visitor’s answer is not about it', async () => {
  visit('f1');
  visit('f2', []);
  visit('f3', []);
  const { editId, lasts } = await cookies.apply(session(), { set: { Secure: null } });
  expect(lasts).toBe(true);
  const other = HEX('other');
  visit('f4', [`sid=${other}; HttpOnly; Path=/`], `sid=${other}`);
  expect(told.at(-1)).toMatchObject({ editId, state: 'applied' });
});

it('without a jar the rule is the truth, and only answers about this very cookie are changed', async () => {
  browsers = [];
  visit('f1');
  const { editId, appliedTo } = await cookies.apply(session(), { remove: ['HttpOnly'] });
  expect(appliedTo[0]).toContain('On the wire');
  expect(await cookies.standing(session())).toMatchObject({ by: 'wire', from: 'rule', now: { httpOnly: false } });
  const exchange = {
    id: 'f2',
    editedBy: [],
    request: { url: 'http://shop.test/x', rawHeaders: ['Cookie', `sid=${A}`] },
    response: { rawHeaders: ['Set-Cookie', SET, 'Set-Cookie', `sid=${HEX('sub')}; HttpOnly; Path=/sub/`] },
  };
  cookies.wire.requestHooks.request?.(exchange as never);
  cookies.wire.responseHooks.response?.(exchange as never);
  expect(exchange.response.rawHeaders.filter((_, i) => i % 2 === 1)).toEqual([
    `sid=${A}; Path=/`,
    `sid=${HEX('sub')}; HttpOnly; Path=/sub/`,
  ]);
  expect(told.at(-1)).toMatchObject({ editId, state: 'applied' });
});

it('of two cookies of one name only the edited one gets another value on the wire', async () => {
  browsers = [];
  visit('f1');
  await cookies.apply(session(), { value: HEX('other') });
  const sub = HEX('sub');
  const exchange = { id: 'f2', editedBy: [], request: { url: 'http://shop.test/sub/x', rawHeaders: ['Cookie', ''] } };
  exchange.request.rawHeaders[1] = `sid=${sub}; sid=${A}; lang=en`;
  cookies.wire.requestHooks.request?.(exchange as never);
  expect(exchange.request.rawHeaders[1]).toBe(`sid=${sub}; sid=${HEX('other')}; lang=en`);
});
