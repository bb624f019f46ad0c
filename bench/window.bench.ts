import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ElectronApplication, Page } from 'playwright-core';
import { canShowWindows, type Desktop, startDesktop } from '../test/support/desktop.ts';
import { WindowUser } from '../test/support/window.ts';
import setupDisplay from '../test/support/xvfb.ts';
import { type Bench, type Figure, median } from './report.ts';
import type { TrafficAsk, TrafficDone } from './window-traffic.ts';

const SESSIONS = 2_000;
const RATE = 1_000;
const FILTERS = ['host:shop7', 'cookie:sid', 'status:303', 'account', 'nothing-has-this', 'host:shop3 cart', 'is:live'];

type Tell = (figure: string, value: number, unit: string, n?: number, beside?: Figure['beside']) => void;

/**
 * The built desktop app on a real display: 100,000 exchanges of 2,000 sessions through its proxy; then memory of all its
 * processes, filters, lists and scrolling, and the main process's event loop while 1,000 requests a second pass.
 */
export const run: Bench = async (report, { quick }) => {
  const endDisplay = await setupDisplay();
  if (!canShowWindows()) throw new Error('This bench needs Electron and a display (or Xvfb)');
  const tell: Tell = (figure, value, unit, n = 1, beside) =>
    report({ bench: 'window', figure, value, unit, n, ...(beside === undefined ? {} : { beside }) });
  const traffic = fork(path.join(import.meta.dirname, 'window-traffic.ts'));
  let desktop: Desktop | undefined;
  try {
    await once(traffic, 'message');
    desktop = await startDesktop();
    const { app, page } = desktop;
    page.setDefaultTimeout(120_000);
    const user = new WindowUser(page);
    const { proxy } = await user.info();
    const send = (ask: Omit<TrafficAsk, 'proxy' | 'sessions'>) =>
      sendTraffic(traffic, { ...ask, proxy, sessions: SESSIONS });
    tell('memory-idle', await memoryOf(app), 'MB');

    const flows = quick ? 10_000 : 100_000;
    await user.page.getByTestId('nav-sessions').click();
    const { seconds, failed } = await send({ requests: flows });
    if (failed > 0) throw new Error(`${failed} requests failed`);
    tell('exchanges', flows / seconds, 'requests/s');
    await settled(user, flows);
    tell('memory', await memoryOf(app), 'MB');

    await measureFilters(page, tell);
    await measureLists(page, tell, quick ? 3 : 7);
    await measureScrolling(page, tell, quick ? 1 : 3);
    await measureLoad(app, page, send, tell, quick ? 5 : 15);
    tell('memory-under-load', await memoryOf(app), 'MB');
    for (const line of desktop.problems()) console.error(line);
  } finally {
    await desktop?.close();
    traffic.kill();
    endDisplay?.();
  }
};

async function sendTraffic(traffic: ChildProcess, ask: TrafficAsk): Promise<TrafficDone> {
  traffic.send(ask);
  const [done] = (await once(traffic, 'message')) as [TrafficDone];
  return done;
}

/** All flows are in the workspace, and all sessions in the window. */
async function settled(user: WindowUser, flows: number): Promise<void> {
  for (;;) {
    const { total } = (await user.ask('flows.list', { limit: 1 })) as { total: number };
    const rows = await user.page.getByTestId('session-row').count();
    if (total >= flows && rows > 0) return;
    await user.page.waitForTimeout(200);
  }
}

/** Megabytes of all processes of the application; what they share counts once, where the system tells (Linux). */
async function memoryOf(app: ElectronApplication): Promise<number> {
  const metrics = await app.evaluate(({ app: electron }) =>
    electron.getAppMetrics().map(({ pid, memory }) => ({ pid, kb: memory.workingSetSize })),
  );
  return metrics.reduce((sum, { pid, kb }) => sum + (proportional(pid) ?? kb) / 1024, 0);
}

function proportional(pid: number): number | undefined {
  try {
    const kb = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return kb === undefined ? undefined : Number(kb);
  } catch {
    return undefined;
  }
}

/** From the question to the answer in the window, over its own bridge; and from typing to rows that are drawn. */
async function measureFilters(page: Page, tell: Tell): Promise<void> {
  for (const method of ['sessions.list', 'flows.list'] as const) {
    const times = await page.evaluate(
      async ([name, filters]) => {
        const { sessionscope } = globalThis as unknown as {
          sessionscope: { request(method: string, request: unknown): Promise<unknown> };
        };
        const took: number[] = [];
        for (const filter of [...filters, ...filters, ...filters]) {
          const start = performance.now();
          await sessionscope.request(name, name === 'flows.list' ? { filter, limit: 500 } : { filter });
          took.push(performance.now() - start);
        }
        return took;
      },
      [method, FILTERS] as const,
    );
    tell(`filter-${method === 'flows.list' ? 'flows' : 'sessions'}`, median(times), 'ms', times.length);
    tell(`filter-${method === 'flows.list' ? 'flows' : 'sessions'}-slowest`, Math.max(...times), 'ms', times.length);
  }
}

/** From the click on a screen's button to its rows being on the display. */
async function measureLists(page: Page, tell: Tell, n: number): Promise<void> {
  for (const [nav, row] of [
    ['nav-sessions', 'session-row'],
    ['nav-flows', 'flow-row'],
  ] as const) {
    const times: number[] = [];
    for (let i = 0; i < n; i += 1) {
      await page.getByTestId('nav-settings').click();
      await page.getByTestId(row).first().waitFor({ state: 'detached' });
      times.push(
        await page.evaluate(
          ([button, wanted]) =>
            new Promise<number>((done) => {
              const start = performance.now();
              document.querySelector<HTMLElement>(`[data-testid="${button}"]`)?.click();
              const look = () => {
                if (document.querySelector(`[data-testid="${wanted}"]`) === null) requestAnimationFrame(look);
                // Behind the frame that draws it.
                else requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
              };
              look();
            }),
          [nav, row] as const,
        ),
      );
    }
    tell(`first-paint-${row === 'flow-row' ? 'flows' : 'sessions'}`, median(times), 'ms', n);
  }
  await page.reload();
  const first = await page.evaluate(
    () =>
      new Promise<number>((done) => {
        const look = () => {
          const there = document.querySelector('[data-testid="flow-row"], [data-testid="session-row"]');
          if (there === null) requestAnimationFrame(look);
          else requestAnimationFrame(() => setTimeout(() => done(performance.now())));
        };
        look();
      }),
  );
  tell('window-first-row', first, 'ms');
}

async function measureScrolling(page: Page, tell: Tell, n: number): Promise<void> {
  for (const [nav, list] of [
    ['nav-sessions', 'sessions'],
    ['nav-flows', 'flows'],
  ] as const) {
    await page.getByTestId(nav).click();
    await page.getByTestId(list).locator('.list-row').first().waitFor();
    const rates: number[] = [];
    for (let i = 0; i < n; i += 1) rates.push(await scrolled(page, list, 3_000));
    tell(`scrolling-${list}`, median(rates), 'frames/s', n);
  }
}

/** Frames a second while a list is scrolled by a few rows in each frame. */
function scrolled(page: Page, list: string, ms: number): Promise<number> {
  return page.evaluate(
    ([name, duration]) =>
      new Promise<number>((done) => {
        const named = document.querySelector<HTMLElement>(`[data-testid="${name}"]`);
        const scroller =
          named?.matches('.list') === true ? named : (named?.querySelector<HTMLElement>('.list') ?? named);
        let frames = 0;
        let step = 90;
        const start = performance.now();
        const frame = () => {
          frames += 1;
          if (scroller !== null && scroller !== undefined) {
            const before = scroller.scrollTop;
            scroller.scrollTop += step;
            if (scroller.scrollTop === before) step = -step;
          }
          const took = performance.now() - start;
          if (took < duration) requestAnimationFrame(frame);
          else done((frames * 1_000) / took);
        };
        requestAnimationFrame(frame);
      }),
    [list, ms] as const,
  );
}

/** The main process's event loop while traffic passes, the window shows the list, and a user scrolls. */
async function measureLoad(
  app: ElectronApplication,
  page: Page,
  send: (ask: Omit<TrafficAsk, 'proxy' | 'sessions'>) => Promise<TrafficDone>,
  tell: Tell,
  seconds: number,
): Promise<void> {
  await page.getByTestId('nav-sessions').click();
  await page.getByTestId('session-row').first().waitFor();
  await app.evaluate(() => {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    Object.assign(globalThis, { benchDelay: delay, benchCpu: process.cpuUsage() });
  });
  // This process does next to nothing meanwhile: its own delay is that of the machine.
  const here = monitorEventLoopDelay({ resolution: 1 });
  here.enable();
  const passing = send({ requests: seconds * RATE, rate: RATE });
  const rate = await scrolled(page, 'sessions', Math.min(4_000, seconds * 800));
  const done = await passing;
  here.disable();
  const main = await app.evaluate(() => {
    const { benchDelay, benchCpu } = globalThis as unknown as {
      benchDelay: { percentile(p: number): number; max: number; disable(): void };
      benchCpu: NodeJS.CpuUsage;
    };
    benchDelay.disable();
    const { user, system } = process.cpuUsage(benchCpu);
    return { p50: benchDelay.percentile(50), p99: benchDelay.percentile(99), max: benchDelay.max, cpu: user + system };
  });
  tell('load', done.requests / done.seconds, 'requests/s');
  tell('load-failed', done.failed, 'requests');
  tell('event-loop-delay-p50', main.p50 / 1e6, 'ms');
  tell('event-loop-delay-p99', main.p99 / 1e6, 'ms', 1, { 'an idle process': here.percentile(99) / 1e6 });
  tell('event-loop-delay-max', main.max / 1e6, 'ms');
  tell('main-cpu-per-request', main.cpu / done.requests, 'µs');
  tell('scrolling-under-load', rate, 'frames/s');
}
