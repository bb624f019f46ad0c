import * as z from 'zod/mini';
import type { AgentInfo } from '../../model/agent.ts';
import type {
  EditInfo,
  Notice,
  PracticeInfo,
  Progress,
  ProxyInfo,
  RuleInfo,
  RunningBrowser,
  StoreInfo,
} from '../../model/app.ts';
import type { LossNote } from '../../model/diagnosis.ts';
import type { FlowSummary } from '../../model/flow.ts';
import type { LabRun } from '../../model/lab.ts';
import type { HeldEnded, HeldInfo, ProxySettings } from '../../model/proxy-settings.ts';
import type { SessionSummary } from '../../model/session.ts';
import { listOf, object } from '../shapes.ts';

/** What the engine reports by itself. A client that missed some gets `reset` and reads everything again. */
export const events = {
  'sessions.changed': z.object({ updated: listOf<SessionSummary>(), removed: z.array(z.string()) }),
  /** A session that went on until now was noticed to be lost. */
  'session.lost': z.object({ key: z.string(), host: z.string(), loss: object<LossNote>() }),
  /** The named sessions' details have changed. */
  'sessions.touched': z.object({ keys: z.array(z.string()) }),
  /** `more`: so many changed at once that only the newest are named; read the list again. */
  'flows.changed': z.object({ flows: listOf<FlowSummary>(), more: z.exactOptional(z.literal(true)) }),
  'stores.changed': z.object({ stores: listOf<StoreInfo>() }),
  'edits.changed': z.object({ edits: listOf<EditInfo>() }),
  'rules.changed': z.object({ rules: listOf<RuleInfo>() }),
  /** All that is held now; `ended`: how one went on. */
  'intercept.changed': z.object({ held: listOf<HeldInfo>(), ended: z.nullable(object<HeldEnded>()) }),
  'proxy.changed': z.object({ proxy: object<ProxyInfo>() }),
  'proxy.settings.changed': z.object({ settings: object<ProxySettings>() }),
  'browsers.changed': z.object({ running: listOf<RunningBrowser>() }),
  /** A launched browser did otherwise with a Set-Cookie than the rules say. */
  'cookies.differ': z.object({
    url: z.string(),
    setCookie: z.string(),
    browser: z.array(z.string()),
    rules: z.array(z.string()),
  }),
  'practice.changed': z.object({ practice: z.nullable(object<PracticeInfo>()) }),
  /** An experiment was finished, or the run has ended. */
  'lab.changed': z.object({ run: object<LabRun>() }),
  'agents.changed': z.object({ agents: listOf<AgentInfo>() }),
  notice: object<Notice>(),
  progress: object<Progress>(),
  reset: z.object({}),
} as const;
