import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BodyStore, createBodyStore } from '../../core/capture/body-store.ts';
import type { Flow } from '../../core/model/flow.ts';
import { createReplay, type Replay, type ReplayPorts } from '../../core/proxy/replay/replay.ts';

/** A real replayer with a body store of its own, for tests that send recorded requests again. */
export function replayHarness(ports: Partial<ReplayPorts> = {}): {
  readonly replay: Replay;
  readonly bodies: BodyStore;
  readonly flows: Flow[];
  text(flow: Flow | undefined): Promise<string>;
  close(): Promise<void>;
} {
  const folder = mkdtempSync(join(tmpdir(), 'sessionscope-replay-'));
  const bodies = createBodyStore(folder);
  const flows: Flow[] = [];
  let count = 0;
  const replay = createReplay({
    bodies,
    clock: Date.now,
    nextId: () => `r${++count}`,
    onFlow: (flow) => flows.push(flow),
    ...ports,
  });
  return {
    replay,
    bodies,
    flows,
    async text(flow) {
      const ref = flow?.response?.body.ref;
      return ref === undefined ? '' : (await bodies.read(ref)).toString('utf8');
    },
    async close() {
      await bodies.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A recorded GET, with changes. */
export function recordedFlow(url: string, request: Partial<Flow['request']> = {}): Flow {
  return {
    id: 'original',
    startedAt: 0,
    client: { address: '127.0.0.1', port: 1 },
    request: {
      method: 'GET',
      url,
      httpVersion: '1.1',
      rawHeaders: ['Host', new URL(url).host, 'Cookie', 'sid=A; lang=de'],
      body: { size: 0, kept: 0 },
      ...request,
    },
    kind: 'http',
  };
}
