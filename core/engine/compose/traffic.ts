import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { toProblem } from '../../model/problem.ts';
import type { ProxyHooks } from '../../proxy/hooks.ts';
import type { Proxy as ProxyHandle } from '../../proxy/options.ts';
import { openProxyPort, serveProxy } from '../../proxy/proxy.ts';
import { createReplay } from '../../proxy/replay/replay.ts';
import { openCheckEcho } from '../../proxy/self-check/self-check.ts';
import { type EnvironmentUpstream, environmentUpstream } from '../../proxy/upstream/environment.ts';
import { AccessNotices } from '../access-notices.ts';
import { CertificateService } from '../certificate-service.ts';
import { CookieJudge } from '../cookie-judge.ts';
import { DistrustNotices } from '../distrust-notices.ts';
import { IdentityPorts } from '../identity-ports.ts';
import { ProxyService } from '../proxy-service.ts';
import { RecordedTraffic } from '../recorded-traffic.ts';
import { UnsentCookies } from '../unsent-cookies.ts';
import type { Base } from './base.ts';

/**
 * The proxy's port, its settings and certificate, and the recorder. Connections are taken when `serve` is called, which
 * must be in the same turn of the event loop: by then every hook is there.
 * @throws ProblemError when the proxy cannot listen
 */
export async function composeTraffic({ host, workspace, bodies, clock, emitter, notices }: Base) {
  const { protectKey, workers } = host;
  const log = (line: string) => host.log(`proxy: ${line}`);
  const echo = await openCheckEcho(() => randomBytes(18).toString('base64url'));
  const port = await openProxyPort({ port: host.proxyPort ?? 0, clock });
  const authority = new CertificateService({ folder: path.join(host.dataFolder, 'authority'), clock, protectKey });
  for (const notice of authority.notices) {
    host.log(`certificate: ${notice.message}`);
    notices.notify(notice);
  }
  let environment: EnvironmentUpstream | undefined;
  try {
    environment = environmentUpstream(host.env);
  } catch (error) {
    // A variable that names no proxy is no reason not to start.
    const { message, remedy } = toProblem(error);
    notices.notify({
      level: 'warning',
      message: `A proxy variable of the environment counts for nothing: ${message}`,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
  const settings = new ProxyService({
    environment: environment?.settings,
    table: workspace.settings,
    clock,
    newId: () => randomUUID(),
    protectKey,
    // The bundle has the engine for PAC scripts beside the folder of the workers.
    pacEngine: workers === undefined ? undefined : () => readFile(path.join(workers, '../quickjs.wasm')),
    pacWorker: workers === undefined ? undefined : path.join(workers, 'pac-worker.cjs'),
    log,
    onPrivateAccess: new AccessNotices({ clock, notify: notices.notify }).report,
    onHeld: (held, ended) => emitter.emit('intercept.changed', { held, ended }),
  });
  if (environment !== undefined && settings.followsEnvironment) {
    log(environment.line);
    notices.notify({
      level: 'info',
      message: environment.line,
      remedy: 'An upstream proxy in Settings counts instead.',
    });
  }
  const traffic = new RecordedTraffic({ workspace, bodies, clock, emitter, isOwn: echo.isOwn });
  const identityPorts = new IdentityPorts(clock);
  let replays = 0;
  const replay = createReplay({
    bodies,
    clock,
    nextId: () => `r${clock().toString(36)}-${++replays}`,
    onFlow: (flow) => traffic.addSent(flow),
    upstream: settings.upstream,
    tls: settings.tls,
  });
  const unsent = new UnsentCookies();
  const judge = new CookieJudge({
    clock,
    onDifference: (difference) =>
      emitter.emit('cookies.differ', { ...difference, browser: [...difference.browser], rules: [...difference.rules] }),
  });
  const distrust = new DistrustNotices({ clock, notify: notices.notify });
  return {
    service: { port, authority, settings, traffic, echo, replay, identityPorts, judge, unsent },
    /** In the order of the proxy's list; what stands between them comes from what is composed later. */
    hooks: {
      /** They see what the application saw and said. */
      recorder: [traffic.capture.hooks, traffic.frames.hooks],
      /** Behind the recorder, so that a flow shows what there was and what went on instead. */
      rules: [...settings.hooks, distrust.hooks, judge.hooks],
    },
    serve(hooks: readonly ProxyHooks[]): ProxyHandle {
      const proxy = serveProxy(port, { ...settings.proxyOptions, authority: authority.current, clock, log, hooks });
      settings.attach(proxy);
      identityPorts.onOpen((own) => proxy.addPort(own));
      authority.onChange((current) => {
        proxy.setAuthority(current);
        // Kept tunnels go on with the old certificate until their clients connect again.
        proxy.closeAllConnections();
      });
      return proxy;
    },
    async close(proxy: ProxyHandle) {
      settings.close();
      await proxy.close();
      traffic.settle();
      traffic.close();
      await echo.close();
    },
  };
}
export type Traffic = Awaited<ReturnType<typeof composeTraffic>>['service'];
