import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fake } from '../../renderer/src/fake/fake.ts';
import { replayAskOf, replayChoice } from '../../renderer/src/features/flows/replay-options.ts';
import { headerFields, headerText } from '../../renderer/src/features/proxy/header-text.ts';
import { emptyRule, ruleAsk } from '../../renderer/src/parts/rules/rule-form.ts';
import { needs } from '../support/needs.ts';
import { chromiumPath, startWindow, type TestWindow } from './support/window.ts';

vi.setConfig({ testTimeout: 120_000 });

describe('the forms of the proxy', () => {
  it('write header fields as text and read the same fields back', () => {
    const raw = ['Host', 'a.test', 'X-Empty', '', 'X-Colon', 'a: b', 'X-Blank', '  two', 'Cookie', 'a=1;b="2"'];
    expect(headerFields(headerText(raw))).toEqual({ fields: raw });
    expect(headerFields('Host: a\n\nno field\n')).toEqual({ wrongLine: 3 });
    expect(headerFields('A B: c')).toEqual({ wrongLine: 1 });
  });

  it('make a rule of what was typed', () => {
    const form = { ...emptyRule, name: ' sid ', value: 'x', host: ' shop.test ' };
    expect(ruleAsk(form)).toEqual({
      on: 'request',
      host: 'shop.test',
      change: { kind: 'cookie', cookie: 'sid', value: 'x' },
    });
    expect(
      ruleAsk({ ...form, on: 'response', act: 'attributes', attributes: 'SameSite=Lax; Secure', removed: 'HttpOnly' }),
    ).toMatchObject({
      change: { kind: 'cookie', cookie: 'sid', set: { SameSite: 'Lax', Secure: null }, removeAttributes: ['HttpOnly'] },
    });
    // Attributes cannot stand in requests, whatever was typed before.
    expect(ruleAsk({ ...form, act: 'remove', attributes: 'Secure' }).change).toEqual({
      kind: 'cookie',
      cookie: 'sid',
      remove: true,
    });
    expect(ruleAsk({ ...form, kind: 'header', act: 'set' }).change).toEqual({
      kind: 'header',
      header: 'sid',
      value: 'x',
      add: true,
    });
  });

  it('send only what is to be different in a replay', () => {
    const recorded = { method: 'GET', url: 'http://a.test/' };
    const choice = replayChoice('GET', 'http://a.test/');
    expect(replayAskOf(choice, recorded)).toEqual({});
    expect(
      replayAskOf(
        {
          ...choice,
          method: 'PUT',
          bodyKind: 'text',
          body: 'b',
          times: '5',
          parallel: '99',
          forwarding: 'address',
          forwardedFor: '10.0.0.1',
          redirects: true,
          followCookies: true,
        },
        recorded,
      ),
    ).toEqual({
      method: 'PUT',
      body: { text: 'b' },
      times: 5,
      parallel: 50,
      forwardingHeaders: { address: '10.0.0.1' },
      followRedirects: true,
      followCookies: true,
    });
  });
});

async function violations(page: Page): Promise<{ rule: string; where: string }[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const engine = (globalThis as unknown as { axe: typeof axe }).axe;
    const { violations: found } = await engine.run(document, { resultTypes: ['violations'] });
    return found.flatMap((one) => one.nodes.map((node) => ({ rule: `${one.id}: ${one.help}`, where: node.html })));
  });
}

const calls = (page: Page, method: string): Promise<unknown[]> =>
  page.evaluate(
    (wanted) =>
      ((globalThis as { fake?: Fake }).fake?.calls ?? [])
        .filter((one) => one.method === wanted)
        .map((one) => one.request),
    method,
  );
const hold = (page: Page, side: 'request' | 'response' = 'request') =>
  page.evaluate((wanted) => (globalThis as { fake?: Fake }).fake?.hold(wanted), side);

needs('chromium')('the proxy in the window', () => {
  let folder: string;
  let shown: TestWindow;
  const shots = process.env['SESSIONSCOPE_SHOTS'];
  const shot = async (page: Page, name: string) => {
    if (shots !== undefined) await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-proxy-window-'));
    shown = await startWindow(folder, chromiumPath());
  }, 120_000);
  afterAll(async () => {
    await shown?.close();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => shown.closePages());

  it.each([
    ['light', 'en'],
    ['dark', 'zh-CN'],
  ])(
    '%s, %s: settings, a rule, a breakpoint and a held message, with nothing for axe to say',
    async (theme, language) => {
      const { page, complaints } = await shown.open('sample', { settings: { theme, language } });
      await page.getByTestId('nav-settings').click();
      await page.getByTestId('upstream-kind').selectOption('proxy');
      await page.getByTestId('tls-add').click();
      await page.getByTestId('tls-host-0').fill('shop.test');
      await page.getByTestId('tls-verify-0').uncheck();
      expect(await violations(page)).toEqual([]);
      await shot(page, `proxy-settings-${theme}`);
      await page.getByTestId('rule-add').click();
      await page.getByTestId('rule-on').selectOption('response');
      await page.getByTestId('rule-dialog').waitFor();
      expect(await violations(page)).toEqual([]);
      await shot(page, `proxy-rule-${theme}`);
      await page.keyboard.press('Escape');
      await page.getByTestId('rule-dialog').waitFor({ state: 'detached' });
      await hold(page);
      await hold(page, 'response');
      await page.getByTestId('held-show').click();
      await page.getByTestId('held-body').and(page.locator(':enabled')).waitFor();
      expect(await violations(page)).toEqual([]);
      await shot(page, `proxy-held-${theme}`);
      expect(complaints).toEqual([]);
    },
  );

  it('sets an upstream proxy, a host that is not read and one that is not checked', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await page.getByTestId('nav-settings').click();
    await page.getByTestId('upstream-kind').selectOption('proxy');
    await page.getByTestId('upstream-address').fill('not an address');
    await page.getByTestId('upstream-save').click();
    await page.getByTestId('proxy-settings').getByTestId('problem').waitFor();
    await page.getByTestId('upstream-address').fill('http://127.0.0.1:8080');
    await page.keyboard.press('Enter');
    await page.getByTestId('proxy-settings').getByTestId('problem').waitFor({ state: 'detached' });
    await page.getByTestId('scope-add').click();
    await page.getByTestId('scope-host-1').fill('pay.test');
    await page.getByTestId('scope-save').click();
    await page.getByTestId('tls-add').click();
    await page.getByTestId('tls-host-0').fill('shop.test');
    await page.getByTestId('tls-verify-0').uncheck();
    await page.getByTestId('tls-save').click();
    await expect.poll(async () => (await calls(page, 'proxy.settings.set')).length).toBe(4);
    expect((await calls(page, 'proxy.settings.set')).slice(1)).toEqual([
      { upstream: { address: 'http://127.0.0.1:8080' }, bypass: ['<local>'] },
      {
        scope: {
          others: 'record',
          hosts: [
            { host: '*.bank.test', treat: 'blind' },
            { host: 'pay.test', treat: 'blind' },
          ],
        },
      },
      { tls: [{ host: 'shop.test', verify: false, key: null, passphrase: null }] },
    ]);
  });

  it('rotates the certificate only after a warning, and saves it', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await page.getByTestId('nav-settings').click();
    const before = await page.getByTestId('certificate-fingerprint').textContent();
    await page.getByTestId('certificate-rotate').click();
    await page.getByTestId('rotate-dialog').waitFor();
    expect(await calls(page, 'certificate.rotate')).toEqual([]);
    await page.getByTestId('rotate-confirm').click();
    await expect.poll(() => page.getByTestId('certificate-fingerprint').textContent()).not.toBe(before);
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByTestId('certificate-pem').click()]);
    expect(await readFile(await saved.path(), 'utf8')).toContain('BEGIN CERTIFICATE');
  });

  it('makes, pauses and removes a rule; from the cookie tab with host and name filled in', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await page.getByTestId('session-row').first().click();
    await page.getByTestId('tab-cookie').click();
    await page.getByTestId('rule-add').click();
    expect(await page.getByTestId('rule-host').inputValue()).toBe('shop.test');
    expect(await page.getByTestId('rule-name').inputValue()).not.toBe('');
    await page.getByTestId('rule-value').fill('edited');
    await page.getByTestId('rule-submit').click();
    const rule = page.getByTestId('rules').getByRole('listitem');
    await rule.filter({ hasText: 'edited' }).waitFor();
    await rule.getByRole('button').first().click();
    await rule
      .filter({ hasText: 'off' })
      .or(rule.filter({ hasText: 'paused' }))
      .waitFor();
    await rule.getByRole('button').nth(1).click();
    await rule.waitFor({ state: 'detached' });
  });

  it('shows a held message with the time that is left, edits it by keyboard and lets it go on', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await hold(page);
    expect(await page.getByTestId('held-bar').textContent()).toMatch(/goes on by itself in \d+ s/);
    await page.getByTestId('held-show').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('held-body').and(page.locator(':enabled')).fill('item=1');
    const headers = await page.getByTestId('held-headers').inputValue();
    await page.getByTestId('held-headers').fill('wrong');
    await page.getByTestId('held-resume').and(page.locator(':disabled')).waitFor();
    await page.getByTestId('held-headers').fill(headers.replace('3f2a9c', 'ffff'));
    await page.getByTestId('held-resume').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('held-bar').waitFor({ state: 'detached' });
    expect(await calls(page, 'intercept.resume')).toEqual([
      {
        id: expect.any(String),
        edit: {
          rawHeaders: ['Host', 'shop.test', 'Cookie', 'sid=ffff; lang=en', 'Content-Length', '11'],
          body: { text: 'item=1' },
        },
      },
    ]);
    await hold(page, 'response');
    await page.getByTestId('held-show').click();
    await page.getByTestId('held-drop').click();
    await page.getByTestId('held-bar').waitFor({ state: 'detached' });
    expect(await calls(page, 'intercept.drop')).toHaveLength(1);
  });

  it('says that a client does not trust the certificate, and lets its host pass unread', async () => {
    const { page, complaints } = await shown.open('sample', { settings: { theme: 'light', language: 'zh-CN' } });
    await page.getByTestId('nav-flows').waitFor();
    await page.evaluate(() =>
      window.fake?.emit('notice', {
        level: 'warning',
        kind: 'client-distrust',
        where: 'pinned.test',
        message: 'A program at 127.0.0.1 does not trust the certificate of this proxy for pinned.test',
        remedy: 'Install the certificate.',
      }),
    );
    const notice = page.getByTestId('notice').filter({ hasText: '有程序不信任此代理的证书' });
    await notice.filter({ hasText: 'pinned.test' }).waitFor();
    await page.getByTestId('distrust-blind').click();
    await page.getByTestId('notice').filter({ hasText: 'pinned.test' }).filter({ hasText: '直接通过' }).waitFor();
    expect(await calls(page, 'proxy.settings.set')).toEqual([
      {
        scope: {
          others: 'record',
          hosts: [
            { host: 'pinned.test', treat: 'blind' },
            { host: '*.bank.test', treat: 'blind' },
          ],
        },
      },
    ]);
    expect(complaints).toEqual([]);
  });

  it('shows one notice for many hosts that a client does not trust the certificate for, the newest', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'dark', language: 'en' } });
    await page.getByTestId('nav-flows').waitFor();
    for (const where of ['a.test', 'b.test', 'c.test']) {
      await page.evaluate(
        (host) =>
          window.fake?.emit('notice', {
            level: 'warning',
            kind: 'client-distrust',
            where: host,
            message: `none: ${host}`,
          }),
        where,
      );
    }
    await page.getByTestId('notice').filter({ hasText: 'c.test' }).waitFor();
    expect(await page.getByTestId('distrust-blind').count()).toBe(1);
  });

  it('keeps what is being typed of the scope, and what a notice has added to it meanwhile', async () => {
    const { page, complaints } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await page.getByTestId('nav-settings').click();
    await page.getByTestId('scope-add').click();
    await page.getByTestId('scope-host-1').fill('half-typed.test');
    await page.evaluate(() =>
      window.fake?.emit('notice', {
        level: 'warning',
        kind: 'client-distrust',
        where: 'pinned.test',
        message: 'no trust',
      }),
    );
    await page.getByTestId('distrust-blind').click();
    await page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('[data-testid=scope-host-0]')?.value === 'pinned.test',
    );
    expect(await page.getByTestId('scope-host-2').inputValue()).toBe('half-typed.test');
    await page.getByTestId('scope-save').click();
    await expect
      .poll(async () => (await calls(page, 'proxy.settings.set')).at(-1))
      .toMatchObject({
        scope: { hosts: [{ host: 'pinned.test' }, { host: '*.bank.test' }, { host: 'half-typed.test' }] },
      });
    expect(complaints).toEqual([]);
  });

  it('adds a breakpoint and takes it away', async () => {
    const { page } = await shown.open('sample', { settings: { theme: 'light', language: 'en' } });
    await page.getByTestId('nav-settings').click();
    await page.getByTestId('breakpoint-host').fill('shop.test');
    await page.getByTestId('breakpoint-methods').fill('post, put');
    await page.getByTestId('breakpoint-add').click();
    const point = page.getByTestId('breakpoint');
    await point.filter({ hasText: 'POST · PUT · shop.test' }).waitFor();
    expect(await calls(page, 'intercept.breakpoints.set')).toEqual([
      {
        breakpoints: [{ on: ['request'], enabled: true, host: 'shop.test', methods: ['POST', 'PUT'] }],
        timeLimitSeconds: 300,
      },
    ]);
    await point.getByRole('button').click();
    await point.waitFor({ state: 'detached' });
  });

  it('replays with more options, copies curl, saves and reads HAR', async () => {
    const { page, complaints } = await shown.open('sample', {
      settings: { theme: 'light', language: 'en' },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByTestId('nav-flows').click();
    await page.getByTestId('flow-row').first().click();
    await page.getByTestId('flow-acts').locator('summary').click();
    await page.getByTestId('flow-curl').click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/^curl .*\[masked\]/s);
    await page.getByTestId('flow-replay-changes').click();
    await page.getByTestId('replay-more').locator('summary').click();
    await page.getByTestId('replay-times').fill('3');
    await page.getByTestId('replay-forwarding').selectOption('none');
    await page.getByTestId('replay-redirects').check();
    expect(await violations(page)).toEqual([]);
    await shot(page, 'proxy-replay');
    await page.getByTestId('replay-send').click();
    await page.getByTestId('replay-results').waitFor();
    expect((await calls(page, 'flow.replay')).at(-1)).toMatchObject({
      times: 3,
      forwardingHeaders: 'none',
      followRedirects: true,
    });
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByTestId('har-export').click()]);
    expect(saved.suggestedFilename()).toMatch(/\.har$/);
    await page.getByTestId('har-import').setInputFiles({
      name: 'a.har',
      mimeType: 'application/json',
      buffer: Buffer.from(
        JSON.stringify({ log: { entries: [{ request: { method: 'GET', url: 'http://imported.test/x' } }] } }),
      ),
    });
    await page.getByTestId('flow-row').filter({ hasText: 'imported.test' }).filter({ hasText: 'Imported' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
