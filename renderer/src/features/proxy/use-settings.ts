import { useEffect, useState } from 'react';
import type { RequestOf } from '../../../../core/bridge/contract.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import type { ProxySettings, ProxySettingsChange } from '../../../../core/model/proxy-settings.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp } from '../../state/app.ts';

export interface ProxySettingsHandle {
  readonly settings: ProxySettings | null;
  readonly problem: Problem | null;
  /** Resolves to whether the engine took the change. */
  save(change: ProxySettingsChange): Promise<boolean>;
}

/** The proxy's settings as the engine has them, and the way to change them. */
export function useProxySettings(): ProxySettingsHandle {
  const app = useApp();
  const t = useText();
  const [settings, setSettings] = useState<ProxySettings | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let stale = false;
    app.client.call('proxy.settings.get', {}).then(
      (answer) => !stale && setSettings(answer.settings),
      (error) => !stale && setProblem(problemOf(error)),
    );
    // Another window, or a button of a notice, may change them while they are shown.
    const stop = app.client.on('proxy.settings.changed', (event) => setSettings(event.settings));
    return () => {
      stale = true;
      stop();
    };
  }, [app]);
  return {
    settings,
    problem,
    async save(change) {
      try {
        const wanted = change as RequestOf<'proxy.settings.set'>;
        setSettings((await app.client.call('proxy.settings.set', wanted)).settings);
        setProblem(null);
        app.notify({ level: 'info', message: t('proxy.saved') });
        return true;
      } catch (error) {
        setProblem(problemOf(error));
        return false;
      }
    },
  };
}
