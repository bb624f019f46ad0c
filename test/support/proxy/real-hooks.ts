import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBodyStore } from '../../../core/capture/body-store.ts';
import { createCapture } from '../../../core/capture/capture.ts';
import { FrameRecorder } from '../../../core/capture/frame-recorder.ts';
import type { Flow } from '../../../core/model/flow.ts';
import type { ProxyHooks } from '../../../core/proxy/hooks.ts';
import { createRules, type NewRule } from '../../../core/proxy/rules/rules.ts';

/** What the behaviour checks expect of an active cookie rule: `theme` becomes `EDITED` in both directions. */
export const THEME_RULES: readonly NewRule[] = (['request', 'response'] as const).map((on) => ({
  on,
  change: { kind: 'cookie', cookie: 'theme', value: 'EDITED' },
}));

/** The rules as a hook of the proxy. */
export function themeRules(): ProxyHooks {
  const rules = createRules();
  for (const rule of THEME_RULES) rules.add(rule);
  return rules.hooks;
}

export interface Recording {
  /** Rules stand behind them. */
  readonly hooks: readonly ProxyHooks[];
  /** The latest state of every flow, by its id. */
  readonly flows: ReadonlyMap<string, Flow>;
  close(): Promise<void>;
}

/** Flows, their bodies and frames recorded as the engine does it, into a folder of their own. */
export function startRecording(): Recording {
  const folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-recording-'));
  const bodies = createBodyStore(folder);
  const flows = new Map<string, Flow>();
  const capture = createCapture({ clock: Date.now, bodies, onFlow: (flow) => flows.set(flow.id, flow) });
  return {
    hooks: [capture.hooks, new FrameRecorder(bodies).hooks],
    flows,
    async close() {
      await bodies.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
