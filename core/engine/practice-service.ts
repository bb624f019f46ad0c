import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { openPracticeStore } from '../frameworks/webpy/practice/open-practice-store.ts';
import { startPractice } from '../frameworks/webpy/practice/start-practice.ts';
import type { PracticeInfo } from '../model/app.ts';
import { formatStoreUrl } from '../stores/url.ts';

export interface PracticeServiceOptions {
  readonly folder: string;
  readonly clock: () => number;
  /** Attaches a store; gives its id. */
  readonly attach: (url: string) => Promise<string>;
  readonly changed: (practice: PracticeInfo | null) => void;
}

/** The practice site: one at a time, its store attached so that its sessions are joined at once. */
export class PracticeService {
  readonly #options: PracticeServiceOptions;
  #running: { info: PracticeInfo; close: () => Promise<void> } | undefined;

  constructor(options: PracticeServiceOptions) {
    this.#options = options;
  }

  info(): PracticeInfo | null {
    return this.#running?.info ?? null;
  }

  async start(kind: PracticeInfo['kind']): Promise<PracticeInfo> {
    if (this.#running?.info.kind === kind) return this.#running.info;
    await this.stop();
    const folder = path.join(this.#options.folder, 'practice');
    mkdirSync(folder, { recursive: true });
    const url =
      kind === 'disk'
        ? formatStoreUrl({ kind: 'disk', path: path.join(folder, 'sessions') })
        : formatStoreUrl({ kind: 'sqlite', path: path.join(folder, 'sessions.db'), table: 'sessions' });
    const store = await openPracticeStore(url, { clock: this.#options.clock });
    const site = await startPractice({ store, clock: this.#options.clock });
    const storeId = await this.#options.attach(url);
    const info: PracticeInfo = { origin: site.origin, storeId, kind };
    this.#running = {
      info,
      close: async () => {
        await site.close();
        await store.close?.();
      },
    };
    this.#options.changed(info);
    return info;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    await running.close();
    this.#options.changed(null);
  }
}
