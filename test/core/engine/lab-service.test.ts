import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventOf, RequestOf } from '../../../core/bridge/contract.ts';
import { createEngine, type Engine } from '../../../core/engine/engine.ts';
import type { EngineOptions } from '../../../core/engine/host.ts';
import type { LabRun, LabSettings } from '../../../core/model/lab.ts';
import type { DieInLab } from '../../support/die-in-lab.ts';
import { type LabPlace, labPlace } from '../../support/lab-places.ts';
import { needs } from '../../support/needs.ts';
import { throughProxy } from '../../support/through-proxy.ts';
import { until } from '../../support/until.ts';

/* The lab over the bridge's handlers: a real engine and proxy, the real web.py, a real database that goes away. */

const SETTINGS: LabSettings = {
  idleSeconds: 7_200,
  absoluteSeconds: null,
  addressMayChange: false,
  addresses: ['127.0.0.2'],
};

/** The engine on a place's folder, with a visitor's session in it. */
class Hosted {
  readonly engine: Engine;
  readonly runs: LabRun[] = [];
  readonly notices: string[] = [];
  readonly #place: LabPlace;

  private constructor(engine: Engine, place: LabPlace) {
    this.engine = engine;
    this.#place = place;
    engine.subscribe((name, event) => {
      if (name === 'lab.changed') this.runs.push((event as EventOf<'lab.changed'>).run);
      if (name === 'notice') this.notices.push((event as EventOf<'notice'>).message);
    });
  }

  static async start(place: LabPlace, more: Partial<EngineOptions> = {}): Promise<Hosted> {
    const engine = await createEngine({ mode: 'web', version: '0', dataFolder: place.folder, ...more });
    const hosted = new Hosted(engine, place);
    await engine.handlers['app.info']({});
    return hosted;
  }

  /** The session's owner asks for a page through the proxy. Gives the id of the flow. */
  async visit(target: string, method = 'GET'): Promise<string> {
    const { proxy } = await this.engine.handlers['app.info']({});
    const { target: app, id } = this.#place;
    await throughProxy(proxy.port, app.origin + target, {
      method,
      headers: ['Cookie', `webpy_session_id=${id}`],
      ...(method === 'POST' ? { body: '' } : {}),
    });
    const { flows } = await until(
      async () => await this.engine.handlers['flows.list']({ limit: 50 }),
      (seen) => seen.flows.some(({ url, status }) => url === app.origin + target && status !== undefined),
    );
    return flows.find(({ url }) => url === app.origin + target)?.id ?? '';
  }

  /** The key of the owner's session, when it was joined to its record. */
  async key(): Promise<string> {
    const { sessions } = await until(
      () => this.engine.handlers['sessions.list']({}),
      (seen) => seen.sessions.some(({ id, record }) => id === this.#place.id && record !== undefined),
    );
    return sessions.find(({ id }) => id === this.#place.id)?.key ?? '';
  }

  async run(ask: Partial<RequestOf<'lab.run'>> & { experiments: string[] }): Promise<string> {
    const { runId } = await this.engine.handlers['lab.run']({
      key: ask.key ?? (await this.key()),
      settings: { ...SETTINGS, addresses: [...SETTINGS.addresses] },
      confirmed: true,
      ...ask,
    });
    return runId;
  }

  async ended(runId: string, limitMs?: number): Promise<LabRun> {
    return await until(
      async () => this.runs.findLast((run) => run.runId === runId) as LabRun,
      (run) => run !== undefined && run.state !== 'running',
      limitMs,
    );
  }
}

needs('webpy')('the lab over the bridge', () => {
  let place: LabPlace;
  let host: Hosted;
  beforeAll(async () => {
    place = await labPlace('disk');
    host = await Hosted.start(place);
    await host.engine.handlers['stores.attach']({ address: place.target.storeUrl });
  }, 60_000);
  afterAll(async () => {
    await host?.engine.close();
    await place?.stop();
  });
  const refusal = (ask: Promise<unknown>) =>
    ask.then(
      () => undefined,
      (error: { problem: unknown }) => error.problem,
    );

  it('asks first, and names what is written, which request may change things, and the logout', async () => {
    await host.visit('/whoami');
    const logout = await host.visit('/logout-flag');
    await host.visit('/login?user=alice');
    const post = await host.visit('/login', 'POST');
    const ask = { experiments: ['cookie-alone', 'record-alone', 'logout'], confirmed: false };
    expect(await refusal(host.run({ ...ask, experiments: ['cookie-alone'], verificationFlowId: post }))).toMatchObject({
      kind: 'needs-confirmation',
      message: `POST ${place.target.origin}/login may change things each time it is sent.`,
    });
    expect(await refusal(host.run({ ...ask, logoutFlowId: logout }))).toMatchObject({
      kind: 'needs-confirmation',
      message: [
        "record-alone, logout write into the application's store or may make it write; all is undone afterwards",
        `GET ${place.target.origin}/logout-flag logs the session out; its record is restored.`,
      ].join('. '),
    });
    // Nothing is asked where nothing is written.
    const runId = await host.run({ experiments: ['cookie-alone'], confirmed: false });
    expect((await host.ended(runId)).outcomes).toMatchObject([{ experimentId: 'cookie-alone', verdict: 'holds' }]);
  });

  it('refuses what it does not know, by name', async () => {
    expect(await refusal(host.run({ experiments: ['no-such'] }))).toMatchObject({ kind: 'no-experiment' });
    expect(await refusal(host.run({ experiments: ['logout'], key: 'nobody' }))).toMatchObject({ kind: 'not-found' });
    expect(await refusal(host.run({ experiments: ['logout'], logoutFlowId: 'f0' }))).toMatchObject({
      kind: 'not-found',
    });
    expect(await refusal(host.engine.handlers['lab.report']({ runId: 'r0', form: 'json' }))).toMatchObject({
      kind: 'not-found',
    });
  });

  it('tells each outcome as it comes, runs one at a time, and reports in four forms', async () => {
    const verificationFlowId = await host.visit('/whoami');
    const before = await place.look();
    host.runs.length = 0;
    const ask = { experiments: ['record-alone', 'address-change', 'unknown-id'], verificationFlowId };
    const runId = await host.run(ask);
    expect(await refusal(host.run({ experiments: ['cookie-alone'] }))).toMatchObject({ kind: 'lab-busy' });
    const run = await host.ended(runId);
    expect(run).toMatchObject({ state: 'done', restored: true, total: 3 });
    expect(host.runs.map(({ outcomes }) => outcomes.length)).toEqual([0, 1, 2, 3, 3]);
    expect(run.outcomes.map(({ experimentId, verdict }) => `${experimentId} ${verdict}`)).toEqual([
      'record-alone holds',
      'address-change does-not-hold',
      'unknown-id holds',
    ]);
    expect(await place.look()).toEqual(before);
    const report = (form: 'html' | 'json' | 'junit' | 'policy') => host.engine.handlers['lab.report']({ runId, form });
    const json = await report('json');
    expect(json.name).toMatch(/\.json$/);
    expect(JSON.parse(json.text)).toMatchObject({ outcomes: [{}, { verdict: 'does-not-hold' }, {}] });
    const html = await report('html');
    expect(html.text).toMatch(/^<!doctype html>[\s\S]*address-change|A session from another address/i);
    expect(html.text).toContain('From 127.0.0.2 the session is accepted.');
    const junit = await report('junit');
    expect(junit.text).toMatch(/<testsuites?[\s\S]*tests="3"[\s\S]*failures="1"/);
    const policy = await report('policy');
    expect(policy.name).toBe('policy.yaml');
    expect(policy.text).toMatch(/address-change/);
    // Whole ids and passwords stay here.
    for (const { text } of [json, html, junit, policy]) expect(text).not.toContain(place.id);
  });

  it('ends a run in the middle, with everything as it was', async () => {
    const before = await place.look();
    const runId = await host.run({ experiments: ['idle-limit'] });
    await until(
      async () => host.runs.findLast((run) => run.runId === runId),
      (run) => run !== undefined,
    );
    await host.engine.handlers['lab.cancel']({ runId });
    expect((await host.ended(runId)).state).toBe('cancelled');
    expect((await host.ended(runId)).restored).toBe(true);
    expect(await place.look()).toEqual(before);
  });
});

needs('webpy', 'chromium')('a browser opened from here, and its session in the lab', () => {
  let place: LabPlace;
  let host: Hosted;
  let browser: Browser;
  beforeAll(async () => {
    place = await labPlace('sqlite');
    host = await Hosted.start(place, {
      browserArguments: [
        '--headless=new',
        '--disable-gpu',
        '--remote-debugging-port=0',
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    });
    await host.engine.handlers['stores.attach']({ address: place.target.storeUrl });
  }, 60_000);
  afterAll(async () => {
    await browser?.close().catch(() => {});
    await host?.engine.close();
    await place?.stop();
  });

  it('after every experiment its jar, the rules on cookies and the store are as they were', {
    timeout: 180_000,
  }, async () => {
    const { handlers } = host.engine;
    const { found } = await handlers['browsers.list']({});
    const { runId: window } = await handlers['browser.launch']({
      browserId: found.find(({ browserId }) => browserId.includes('chrom'))?.browserId ?? '',
      startUrl: `${place.target.origin}/login`,
    });
    const profiles = path.join(place.folder, 'profiles');
    const portFile = async () =>
      readFileSync(path.join(profiles, readdirSync(profiles)[0] ?? '', 'DevToolsActivePort'), 'utf8');
    const [port, address] = (await until(portFile, (text) => /^\d+\n/.test(text), 30_000)).split('\n');
    browser = await chromium.connectOverCDP(`ws://127.0.0.1:${port}${address}`);
    const context = browser.contexts()[0] as BrowserContext;
    const jar = async () => await context.cookies(place.target.origin);
    await until(jar, (cookies) => cookies.some(({ name }) => name === 'webpy_session_id'), 30_000);
    const page = context.pages()[0] as Page;
    await page.goto(`${place.target.origin}/whoami`);
    const id = (await jar()).find(({ name }) => name === 'webpy_session_id')?.value;
    const { sessions } = await until(
      () => handlers['sessions.list']({}),
      (seen) => seen.sessions.some((session) => session.id === id && session.record !== undefined),
    );
    const key = sessions.find((session) => session.id === id)?.key ?? '';

    const look = async () => ({ jar: await jar(), rules: await handlers['rules.list']({}), place: await place.look() });
    const before = await look();
    const { experiments } = await handlers['lab.catalog']({});
    const runId = await host.run({ key, experiments: experiments.map((one) => one.id) });
    const run = await host.ended(runId, 120_000);
    expect(run).toMatchObject({ state: 'done', restored: true });
    expect(run.outcomes).toHaveLength(experiments.length);
    expect(await look()).toEqual(before);
    await page.goto(`${place.target.origin}/whoami`);
    expect(await page.innerText('body')).toBe('logged in as alice');
    await handlers['browser.close']({ runId: window });
  });
});

needs(
  'webpy',
  'postgres',
  'psycopg2',
)('an interrupted run whose store cannot be reached at the restart', () => {
  let place: LabPlace;
  beforeAll(async () => {
    place = await labPlace('postgres');
  }, 60_000);
  afterAll(() => place?.stop());

  it('is kept, told, keeps others from its store, and undone as soon as the store is there again', async () => {
    const before = await place.look();
    // Killed with the record removed.
    const ask: DieInLab = {
      workspace: path.join(place.folder, 'workspace.sqlite'),
      target: place.target,
      cookie: place.id,
      experiments: ['record-alone'],
      dieAt: 'after remove',
    };
    const child = path.resolve(import.meta.dirname, '../../support/die-in-lab.ts');
    await new Promise((done) =>
      spawn(process.execPath, [child, JSON.stringify(ask)], { stdio: 'ignore' }).once('close', done),
    );
    expect(await place.store.read(place.id)).toBeUndefined();

    await place.server?.down();
    const away = await Hosted.start(place);
    expect(away.notices).toContainEqual(
      expect.stringMatching(/^The policy lab was interrupted, and what it changed could not be put back yet: /),
    );
    await away.engine.close();

    // Away once more, and back while the engine runs.
    const host = await Hosted.start(place);
    expect(host.notices).toContainEqual(expect.stringContaining('could not be put back yet'));
    await place.server?.up();
    await until(
      () => place.look(),
      (now) => JSON.stringify(now) === JSON.stringify(before),
      30_000,
    );
    await until(
      async () => host.notices,
      (told) => told.some((text) => text.endsWith('is as it was')),
    );
    await host.engine.close();
    const again = await Hosted.start(place);
    expect(again.notices.filter((text) => text.includes('policy lab'))).toEqual([]);
    await again.engine.close();
  });
});
