import { expect } from 'vitest';
import { bridgeContract } from '../contract/bridge-suite.ts';
import { canShowWindows, startDesktop } from '../support/desktop.ts';
import { needs } from '../support/needs.ts';

/* The contract of the bridge over Electron's own channel: preload, isolated world, main process. */

interface Exposed {
  sessionscope: {
    request(method: string, request: unknown): Promise<unknown>;
    subscribe(listener: (name: string, event: unknown) => void): () => void;
  };
  tellTest(name: string, event: unknown): void;
}

needs('xvfb')('Electron', () => {
  bridgeContract('preload and main process', async () => {
    expect(canShowWindows(), 'Electron and a display').toBe(true);
    const desktop = await startDesktop();
    const { page } = desktop;
    const listeners = new Set<(name: string, event: unknown) => void>();
    await page.exposeFunction('tellTest', (name: string, event: unknown) => {
      for (const listener of listeners) listener(name, event);
    });
    await page.evaluate(() => {
      const { sessionscope, tellTest } = globalThis as unknown as Exposed;
      sessionscope.subscribe((name, event) => tellTest(name, event));
    });
    return {
      transport: {
        request: (method, request) =>
          page.evaluate(([name, body]) => (globalThis as unknown as Exposed).sessionscope.request(name, body), [
            method,
            request,
          ] as const),
        subscribe: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      close: async () => {
        expect(desktop.problems()).toEqual([]);
        expect(await desktop.close()).toBe(0);
      },
    };
  });
});
