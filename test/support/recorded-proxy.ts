import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BodyLimits, type BodyStore, createBodyStore } from '../../core/capture/body-store.ts';
import { type Capture, type CaptureOptions, createCapture, type FlowPhase } from '../../core/capture/capture.ts';
import type { Flow } from '../../core/model/flow.ts';
import type { Sighting } from '../../core/model/session.ts';
import { type CertificateAuthority, createAuthority } from '../../core/proxy/certificates/authority.ts';
import type { ProxyHooks } from '../../core/proxy/hooks.ts';
import type { Proxy as ProxyHandle, ProxyOptions } from '../../core/proxy/options.ts';
import { startProxy } from '../../core/proxy/proxy.ts';
import { createSelfCheck, type SelfCheck } from '../../core/proxy/self-check/self-check.ts';

/** A real proxy with the recorder and the check page, and everything that was recorded. */
export interface RecordedProxy {
  readonly proxy: ProxyHandle;
  readonly authority: CertificateAuthority;
  readonly capture: Capture;
  readonly bodies: BodyStore;
  readonly check: SelfCheck;
  readonly phases: readonly { readonly flow: Flow; readonly phase: FlowPhase }[];
  readonly sightings: readonly Sighting[];
  /** Flows that are over. */
  ended(): Flow[];
  /** Resolves with the first flow that is over and fits, also one of earlier. */
  flow(fits: (flow: Flow) => boolean): Promise<Flow>;
  close(): Promise<void>;
}

export async function startRecordedProxy(
  options: {
    readonly before?: readonly ProxyHooks[];
    readonly after?: readonly ProxyHooks[];
    readonly limits?: Partial<BodyLimits>;
    readonly proxy?: Partial<ProxyOptions>;
    readonly capture?: Partial<CaptureOptions>;
    readonly links?: readonly { readonly title: string; readonly url: string }[];
  } = {},
): Promise<RecordedProxy> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-test-bodies-'));
  const bodies = createBodyStore(folder, options.limits);
  const authority = createAuthority(Date.now());
  const phases: { flow: Flow; phase: FlowPhase }[] = [];
  const sightings: Sighting[] = [];
  const waiting = new Set<() => void>();
  let address = '';
  const check = await createSelfCheck({
    authority: () => authority,
    proxyAddress: () => address,
    recording: () => capture.recording,
    links: () => options.links ?? [],
    random: () => randomBytes(18).toString('base64url'),
  });
  const capture: Capture = createCapture({
    clock: Date.now,
    bodies,
    ignore: check.isOwn,
    onFlow(flow, phase) {
      phases.push({ flow, phase });
      for (const look of waiting) look();
    },
    onSighting: (sighting) => sightings.push(sighting),
    ...options.capture,
  });
  const proxy = await startProxy({
    authority,
    hooks: [check.hooks, ...(options.before ?? []), capture.hooks, ...(options.after ?? [])],
    ...options.proxy,
  });
  address = proxy.address;
  const ended = () => phases.filter(({ phase }) => phase === 'end').map(({ flow }) => flow);
  return {
    proxy,
    authority,
    capture,
    bodies,
    check,
    phases,
    sightings,
    ended,
    flow(fits) {
      return new Promise((resolve) => {
        const look = () => {
          const found = ended().find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    },
    async close() {
      await proxy.close();
      await check.close();
      await bodies.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
