import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPolicies } from '../../core/policy/file/read-policy.ts';
import { canShowWindows, type Desktop, startDesktop } from '../support/desktop.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';
import { startWebpy, type Webpy } from '../support/webpy/webpy.ts';
import { WindowUser } from '../support/window.ts';

/*
 * The policy lab in the real window: the heat map of a session of the real web.py, and the live check-up on one
 * application that minds the address and on one that does not.
 */

needs(
  'webpy',
  'chromium',
  'xvfb',
)('the policy lab against the real web.py', () => {
  let folder: string;
  let strict: Webpy;
  let lax: Webpy;
  let desktop: Desktop;
  let user: WindowUser;
  let visitor: Visitor;
  /** Who logged in last. */
  let guest: Visitor;

  beforeAll(async () => {
    expect(canShowWindows(), 'Electron and a display').toBe(true);
    folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-lab-'));
    const file = path.join(folder, 'app.db');
    strict = await startWebpy({
      app: 'login',
      store: { kind: 'sqlite', file },
      parameters: { ignore_change_ip: false },
    });
    lax = await startWebpy({
      app: 'login',
      store: { kind: 'disk', dir: path.join(folder, 'sessions') },
      parameters: { ignore_change_ip: true },
    });
    desktop = await startDesktop();
    user = new WindowUser(desktop.page);
    const { proxy } = await user.info();
    visitor = await openVisitor(`http://${proxy.host}:${proxy.port}`);
    await user.attachFromHome(`sqlite:${file}?table=sessions`);
  });

  afterAll(async () => {
    await visitor?.close();
    const problems = desktop?.problems() ?? [];
    await desktop?.close();
    await strict?.stop();
    await lax?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    expect(problems).toEqual([]);
  });

  /** Somebody of their own logs in, and their session is selected on the screen of the lab. */
  const login = async (webpy: Webpy): Promise<string> => {
    guest = await visitor.another();
    await guest.text(`${webpy.origin}/login?user=alice`);
    expect(await guest.text(`${webpy.origin}/whoami`)).toBe('alice');
    const id = await guest.cookie('webpy_session_id', webpy.origin);
    await user.page.getByTestId('nav-lab').click();
    await user.row(id).click();
    return id;
  };

  /** The session's record as the store has it now, as soon as the window knows in which store it is. */
  const recordOf = async (id: string) => {
    const key = await user.row(id).getAttribute('data-session');
    const { detail } = await until(
      async () => (await user.ask('session.detail', { key })) as { detail: { record: { storeId: string } | null } },
      (seen) => seen.detail.record !== null,
    );
    const { record } = (await user.ask('record.get', { storeId: detail.record?.storeId, id })) as {
      record: { rawBase64: string; lastUsed: number } | null;
    };
    return record;
  };

  /** Same bytes, and the same last use (a folder keeps it to the microsecond). */
  const expectUnchanged = async (id: string, before: Awaited<ReturnType<typeof recordOf>>) => {
    const after = await recordOf(id);
    expect(after?.rawBase64).toBe(before?.rawBase64);
    expect(after?.lastUsed).toBeCloseTo(before?.lastUsed ?? 0, 1);
  };

  /** Starts one experiment from the window and confirms the announcement. */
  const start = async (experiment: string) => {
    const { page } = user;
    await page.getByTestId('lab-live').click();
    await page.getByTestId('live-addresses').fill('127.0.0.2');
    await page.getByTestId('live-none').click();
    await page.getByTestId(`experiment-${experiment}`).check();
    await page.getByTestId('live-run').click();
    await page.getByTestId('live-confirm').getByText(experiment).first().waitFor();
    await page.getByTestId('live-confirm-go').click();
  };

  const checkUp = async (experiment: string) => {
    const { page } = user;
    await start(experiment);
    await page.getByTestId('run-restored').waitFor();
    const row = page.locator(`[data-testid="run-outcome"][data-experiment="${experiment}"]`);
    const text = await page.getByTestId(`run-sentence-${experiment}`).innerText();
    return { verdict: await row.getAttribute('data-verdict'), text };
  };

  test('the heat map: a cell is named, and its evidence opened, by keyboard', async () => {
    const { page } = user;
    const id = await login(strict);
    const before = await recordOf(id);
    await page.getByTestId('lab-matrix').focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-testid="matrix"][data-settled="true"]').waitFor();
    await page.getByTestId('matrix-ignore-change-ip').uncheck();
    await page.getByTestId('matrix-map-0-0').focus();
    await page.keyboard.press('Control+Home');
    expect(await page.getByTestId('matrix-cell-0-0').getAttribute('aria-label')).toBe(
      'timeout 5 min, used after 1 min, from 127.0.0.1: accepted',
    );
    await page.keyboard.press('Control+ArrowRight');
    expect(await page.getByTestId('matrix-cell-0-0').getAttribute('aria-label')).toBe(
      'timeout 5 min, used after 14 d, from 127.0.0.1: a new session',
    );
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+Home');
    await expect
      .poll(() => page.getByTestId('matrix-cell-0-1').getAttribute('aria-label'))
      .toBe('timeout 5 min, used after 1 min, from 127.0.0.2: the expired message');
    await page.keyboard.press('Enter');
    const evidence = page.getByTestId('matrix-evidence');
    await evidence.locator('[data-outcome="expired-message"][data-address="127.0.0.2"][data-timeout="300"]').waitFor();
    expect(await evidence.getByTestId('policy-evidence').innerText()).toContain('Session expired');
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('matrix-map-0-1');
    // Asking changed nothing.
    expect(await recordOf(id)).toEqual(before);
  });

  test('a request is recorded: the next page that the visitor asks for is the verification request', async () => {
    const { page } = user;
    const id = await login(lax);
    await page.getByTestId('lab-live').click();
    const choice = page.getByTestId('live-verification');
    const chosen = () => choice.locator('option:checked').innerText();
    await expect.poll(chosen).toContain('/whoami');
    const record = page.getByTestId('live-verification-record');
    await record.focus();
    await page.keyboard.press('Enter');
    expect(await record.getAttribute('aria-pressed')).toBe('true');
    await guest.text(`${lax.origin}/count`);
    await expect.poll(chosen).toContain('/count');
    await expect.poll(() => record.getAttribute('aria-pressed')).toBe('false');
    // What comes later does not change it any more.
    await guest.text(`${lax.origin}/whoami`);
    await user.row(id).click();
    expect(await chosen()).toContain('/count');
    // Stopped by hand, nothing is taken.
    await record.click();
    await record.click();
    await guest.text(`${lax.origin}/whoami?again`);
    expect(await chosen()).toContain('/count');
  });

  test('address change: holds where web.py minds the address, and everything is as before', async () => {
    const id = await login(strict);
    const before = await recordOf(id);
    const { verdict, text } = await checkUp('address-change');
    expect([verdict, text]).toEqual(['holds', 'From 127.0.0.2 the session is refused.']);
    await expectUnchanged(id, before);
  });

  test('address change: does not hold where it does not; the evidence has the request, the flow and the record', async () => {
    const { page } = user;
    await user.ask('stores.attach', { address: path.join(folder, 'sessions') });
    const id = await login(lax);
    const before = await recordOf(id);
    const { verdict, text } = await checkUp('address-change');
    expect([verdict, text]).toEqual(['does-not-hold', 'From 127.0.0.2 the session is accepted.']);
    await expectUnchanged(id, before);

    await page.getByTestId('run-outcome-address-change').click();
    const evidence = page.getByTestId('run-evidence-address-change');
    expect(await evidence.innerText()).toMatch(/The same session from 127\.0\.0\.2[\s\S]*whoami[\s\S]*alice/);

    // What the window saves, by the host's dialog, is the policy that the command line runs.
    const saved = path.join(folder, 'policy.yaml');
    await desktop.app.evaluate(({ dialog }, file) => {
      dialog.showSaveDialog = async () => ({ canceled: false, filePath: file });
    }, saved);
    await page.getByTestId('run-save-policy').click();
    await expect.poll(() => readFileSync(saved, 'utf8')).toContain('address-change');
    const written = readFileSync(saved, 'utf8');
    expect(written).not.toContain(id);
    const [policy] = readPolicies(written, { file: saved, env: { SESSION_ID: id } });
    expect(policy?.live?.expected).toEqual([['address-change', ['holds']]]);
    expect(policy?.target).toMatchObject({ origin: lax.origin, cookies: { webpy_session_id: id } });

    await evidence.getByTestId('run-evidence-flow').last().click();
    await page.getByTestId('flow-detail').getByText(`${lax.origin}/whoami`).first().waitFor();
  });

  test('cancelled in the middle: the record aged for it is as before', async () => {
    const { page } = user;
    const id = await login(lax);
    const before = await recordOf(id);
    // This web.py has cleaned up lately: the experiment waits some seconds for another cleanup.
    await start('idle-limit');
    await page.getByTestId('run-cancel').click();
    const run = page.locator('[data-testid="run"][data-state="cancelled"]');
    await run.waitFor();
    expect(await run.getAttribute('data-restored')).toBe('true');
    await page.getByTestId('run-restored').waitFor();
    await expectUnchanged(id, before);
  });
});
