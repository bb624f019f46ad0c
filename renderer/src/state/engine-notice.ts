import type { Notice } from '../../../core/model/app.ts';
import { text } from '../i18n/index.ts';
import { type App, noticeWords } from './app.ts';
import type { NoticeAction } from './notices.ts';

/** A notice of the engine in the window's language, with what can be done about it from here. */
export function engineNotice(app: App, notice: Notice): Notice & { actions?: readonly NoticeAction[] } {
  const { kind, where, level } = notice;
  if (kind === undefined) return notice;
  const said = { ...notice, level, ...noticeWords({ ...notice, kind }) };
  const { details } = notice;
  if (details !== undefined) {
    return {
      ...said,
      actions: [{ label: text('notice.details'), testId: 'copy-details', run: () => void app.copy(details) }],
    };
  }
  if (kind === 'port-taken' && where !== undefined) {
    // Two choices: such a notice stays until it is dismissed.
    return {
      ...said,
      actions: [
        { label: text('notice.port.copy', { address: where }), testId: 'port-copy', run: () => void app.copy(where) },
        { label: text('notice.distrust.help'), testId: 'port-settings', run: () => app.go('settings') },
      ],
    };
  }
  if (kind !== 'client-distrust' || where === undefined) return said;
  return {
    ...said,
    actions: [
      // The settings have the steps for each browser and system beside the certificate.
      { label: text('notice.distrust.help'), testId: 'distrust-help', run: () => app.go('settings') },
      {
        label: text('notice.distrust.blind', { host: where }),
        testId: 'distrust-blind',
        run: () => void app.attempt(() => tunnelUnread(app, where)),
      },
    ],
  };
}

/** Lets a host's connections pass unread from now on; what was set for that very host is replaced. */
async function tunnelUnread(app: App, host: string): Promise<void> {
  const { scope } = (await app.client.call('proxy.settings.get', {})).settings;
  // The first entry that fits decides, so that this one stands before any pattern.
  const hosts = [{ host, treat: 'blind' as const }, ...scope.hosts.filter((one) => one.host !== host)];
  await app.client.call('proxy.settings.set', { scope: { others: scope.others, hosts } });
  app.notify({ level: 'info', message: text('notice.distrust.done', { host }) });
}
