import type { PracticeInfo } from '../../../core/model/app.ts';
import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';
import { Button } from '../ui/button.tsx';
import { CopyLine } from '../ui/parts.tsx';

export function useLaunch(): (browserId: string, name: string, startUrl?: string) => void {
  const app = useApp();
  const t = useText();
  return (browserId, name, startUrl) => {
    void app
      .attempt(() => app.client.call('browser.launch', { browserId, ...(startUrl === undefined ? {} : { startUrl }) }))
      .then((done) => {
        if (done === undefined) return;
        app.notify({ level: 'info', message: t('browsers.opened', { name }) });
        app.go('sessions');
      });
  };
}

/** Where the practice site runs, and one click into it. */
export function PracticeRunning({ practice }: { practice: PracticeInfo }) {
  const t = useText();
  const app = useApp();
  const launch = useLaunch();
  const found = useAppState((state) => state.browsers.found);
  return (
    <>
      <CopyLine value={practice.origin} label={t('common.copy')} />
      <div className="row wrapping">
        {(found ?? []).map((browser) => (
          <Button
            key={browser.browserId}
            data-testid={`home-practice-open-${browser.browserId}`}
            onClick={() => launch(browser.browserId, browser.name, practice.origin)}
          >
            {t('home.practice.open', { browser: browser.name })}
          </Button>
        ))}
        <Button
          variant="quiet"
          data-testid="home-practice-stop"
          onClick={() => void app.attempt(() => app.client.call('practice.stop', {}))}
        >
          {t('home.practice.stop')}
        </Button>
      </div>
    </>
  );
}
