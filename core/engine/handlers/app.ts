import type { Handlers } from '../../bridge/contract.ts';
import type { ProxyInfo } from '../../model/app.ts';
import { problem } from '../../model/problem.ts';
import type { Parts } from '../parts.ts';
import { SETTING } from '../settings.ts';

type Names =
  | 'app.info'
  | 'app.pickFile'
  | 'settings.get'
  | 'settings.set'
  | 'proxy.record'
  | 'proxy.network.open'
  | 'proxy.network.close'
  | 'task.cancel';

/** The debugger itself: what it is, its settings, recording. */
export function appHandlers(parts: Parts): Pick<Handlers, Names> {
  const { options, workspace, authority, emitter, notices, capture, tasks, network } = parts;
  return {
    'app.info': async () => {
      // A window asks this first, and listens by then.
      notices.heard();
      return {
        version: options.version,
        mode: options.mode,
        platform: process.platform,
        proxy: proxyInfo(parts),
        workspaceFile: workspace.file,
        certificate: authority.info(),
        canPickFiles: options.pickFile !== undefined,
      };
    },
    'app.pickFile': async (ask) => {
      if (options.pickFile === undefined) {
        throw problem('no-file-dialog', 'There is no file dialog in web mode', { remedy: 'Type or paste the path.' });
      }
      return { path: await options.pickFile(ask) };
    },
    'settings.get': async () => ({
      values: Object.fromEntries(
        Object.entries(workspace.settings.all()).filter(([key]) => !key.startsWith('engine.')),
      ),
    }),
    'settings.set': async ({ key, value }) => {
      if (key.startsWith('engine.')) throw problem('bad-request', `The setting ${key} is the engine's own`);
      workspace.settings.set(key, value);
      return {};
    },
    'proxy.record': async ({ on }) => {
      if (on) capture.resume();
      else capture.pause();
      workspace.settings.set(SETTING.recording, on);
      emitter.emit('proxy.changed', { proxy: proxyInfo(parts) });
      return {};
    },
    'proxy.network.open': async (ask) => {
      await network.open(ask);
      const proxy = proxyInfo(parts);
      emitter.emit('proxy.changed', { proxy });
      return { proxy };
    },
    'proxy.network.close': async () => {
      await network.close();
      const proxy = proxyInfo(parts);
      emitter.emit('proxy.changed', { proxy });
      return { proxy };
    },
    'task.cancel': async ({ taskId }) => {
      tasks.cancel(taskId);
      return {};
    },
  };
}

export function proxyInfo({
  proxy,
  capture,
  options,
  network,
}: Pick<Parts, 'proxy' | 'capture' | 'options' | 'network'>): ProxyInfo {
  const { paused, scope } = capture.notRecorded;
  const open = network.info;
  return {
    running: true,
    host: proxy.host,
    port: proxy.port,
    ...(proxy.preferredPortTaken && options.proxyPort !== undefined ? { wantedPort: options.proxyPort } : {}),
    recording: capture.recording,
    notRecorded: paused + scope,
    ...(open === undefined ? {} : { network: open }),
  };
}
