import { writeFile } from 'node:fs/promises';
import type { HandlersOf } from '../../bridge/contract.ts';
import type { app as table } from '../../bridge/operations/app.ts';
import type { ProxyInfo } from '../../model/app.ts';
import { problem, toProblem } from '../../model/problem.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { CertificateService } from '../certificate-service.ts';
import type { Host } from '../host.ts';
import type { NoticeService } from '../notice-service.ts';
import type { TaskService } from '../task-service.ts';

export interface AppHandlerPorts {
  readonly host: Pick<Host, 'version' | 'mode' | 'pickFile'>;
  readonly workspace: Pick<Workspace, 'file' | 'settings'>;
  readonly authority: CertificateService;
  readonly notices: NoticeService;
  readonly tasks: TaskService;
  readonly proxyInfo: () => ProxyInfo;
}

/** The debugger itself: what it is, its settings, its long work. */
export function appHandlers(ports: AppHandlerPorts): HandlersOf<typeof table> {
  const { host, workspace, authority, notices, tasks, proxyInfo } = ports;
  return {
    'app.info': async () => {
      // A window requests this first, and listens by then.
      notices.heard();
      return {
        version: host.version,
        mode: host.mode,
        platform: process.platform,
        proxy: proxyInfo(),
        workspaceFile: workspace.file,
        certificate: authority.info(),
        canPickFiles: host.pickFile !== undefined,
      };
    },
    'app.pickFile': async (dialog) => {
      if (host.pickFile === undefined) {
        throw problem('no-file-dialog', 'There is no file dialog in web mode', { remedy: 'Type or paste the path.' });
      }
      return { path: await host.pickFile(dialog) };
    },
    'app.saveFile': async ({ title, name, content }) => {
      if (host.pickFile === undefined) {
        throw problem('no-file-dialog', 'There is no file dialog in web mode', {
          remedy: 'Use the browser’s downloads.',
        });
      }
      const path = await host.pickFile({ kind: 'save', title, name });
      if (path === null) return { path };
      const bytes = 'text' in content ? content.text : Buffer.from(content.base64, 'base64');
      try {
        await writeFile(path, bytes, { mode: 0o600 });
      } catch (cause) {
        throw problem('not-saved', `${path} could not be written: ${toProblem(cause).message}`, {
          where: path,
          remedy: 'Choose another place.',
          cause,
        });
      }
      return { path };
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
    'task.cancel': async ({ taskId }) => {
      tasks.cancel(taskId);
      return {};
    },
  };
}
