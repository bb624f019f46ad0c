import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FORWARDING } from '../../../../core/policy/live/experiments/forwarding-headers.ts';
import { type LabTarget, logIn, runLab } from '../../../support/lab-harness.ts';
import { needs } from '../../../support/needs.ts';
import { startWebpy, type Webpy } from '../../../support/webpy/webpy.ts';

/* The same session from every local address, both families, on the real web.py listening on all of them or on one. */

const ADDRESSES = ['127.0.0.2', '127.0.0.3', '::1'];

needs('webpy')('from other addresses', () => {
  let folder: string;
  const running: Webpy[] = [];
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-addresses-'));
  });
  afterAll(async () => {
    for (const app of running) await app.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (host: string, name: string, minds: boolean): Promise<LabTarget> => {
    const dir = path.join(folder, name);
    const app = await startWebpy({
      app: 'lab',
      host,
      store: { kind: 'disk', dir },
      parameters: { ignore_change_ip: !minds },
    });
    running.push(app);
    return { origin: `http://127.0.0.1:${app.port}`, storeUrl: `disk:${dir}`, cookieName: 'webpy_session_id' };
  };
  const ask = async (target: LabTarget, experiment: string, origin = target.origin) => {
    const cookie = await logIn(target);
    const shown = await runLab(
      { ...target, origin },
      { cookie, experiments: [experiment], settings: { addresses: ADDRESSES } },
    );
    expect(shown.restored).toBe(true);
    expect(shown.after).toEqual(shown.before);
    return { verdict: shown.verdict(experiment), outcome: shown.outcome(experiment) };
  };
  const lines = (outcome: Awaited<ReturnType<typeof ask>>['outcome']) =>
    outcome?.evidence.map(({ title, recordBefore = '', recordAfter = '' }) => {
      const ip = (text: string) => / ip (\S+)$/.exec(text)?.[1] ?? text;
      return `${title}: ${ip(recordBefore)} -> ${ip(recordAfter)}`;
    });

  it('each is asked from, and the record says before and after from which', async () => {
    const target = await start('::', 'lax', false);
    const { verdict, outcome } = await ask(target, 'address-change');
    expect(verdict).toBe('does-not-hold');
    expect(outcome?.sentence).toBe('From 127.0.0.2, 127.0.0.3 and ::1 the session is accepted.');
    expect(lines(outcome)?.filter((line) => line.startsWith('The same session from'))).toEqual([
      'The same session from 127.0.0.2: ::ffff:127.0.0.1 -> ::ffff:127.0.0.2',
      'The same session from 127.0.0.3: ::ffff:127.0.0.1 -> ::ffff:127.0.0.3',
      'The same session from ::1: ::ffff:127.0.0.1 -> ::1',
    ]);
    // The application is asked under the name that it has in the browser.
    const last = outcome?.evidence.findLast(({ title }) => title === 'The same session from ::1');
    expect(last?.request).toMatch(/^GET http:\/\/\[::1\]:\d+\/whoami from ::1\n/);
  });

  it('each is refused where the application minds the address', async () => {
    const target = await start('::', 'strict', true);
    const { verdict, outcome } = await ask(target, 'address-change');
    expect(verdict).toBe('holds');
    expect(outcome?.sentence).toBe('From 127.0.0.2, 127.0.0.3 and ::1 the session is refused.');
  });

  it('an application that the browser knows as localhost is asked from both families', async () => {
    const target = await start('::', 'named', false);
    const { outcome } = await ask(target, 'address-change', target.origin.replace('127.0.0.1', 'localhost'));
    expect(outcome?.sentence).toBe('From 127.0.0.2, 127.0.0.3 and ::1 the session is accepted.');
  });

  it('an address that does not reach the application is left out, and not taken for a refusal', async () => {
    const target = await start('127.0.0.1', 'four', false);
    const { outcome } = await ask(target, 'address-change');
    expect(outcome?.sentence).toBe('From 127.0.0.2 and 127.0.0.3 the session is accepted.');
    expect(outcome?.evidence).toContainEqual(
      expect.objectContaining({ title: 'A visitor without any cookie from ::1', text: 'There was no response' }),
    );
  });

  it('no forwarding header of a visitor changes anything in web.py', async () => {
    const target = await start('::', 'forwarded', true);
    const { verdict, outcome } = await ask(target, 'forwarding-headers');
    expect(verdict).toBe('holds');
    const all = `${FORWARDING.length} forwarding headers`;
    expect(lines(outcome)).toContain(`${all}: 203.0.113.7: ::ffff:127.0.0.1 -> ::ffff:127.0.0.1`);
    expect(outcome?.evidence.map(({ title }) => title)).toContain(`From 127.0.0.2 with ${all}: 127.0.0.1`);
    for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'True-Client-IP', 'CF-Connecting-IP']) {
      expect(FORWARDING.map(([header]) => header)).toContain(name);
    }
  });
});
