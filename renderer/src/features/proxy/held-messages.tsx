import { useEffect, useState } from 'react';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { useNow } from '../../ui/parts.tsx';
import { HeldEditor } from './held-editor.tsx';

/** Says that messages wait at a breakpoint, and shows them with the time that is left. */
export function HeldMessages() {
  const t = useText();
  const app = useApp();
  const held = useAppState((state) => state.held);
  const [open, setOpen] = useState(false);
  const [selected, setSelected] = useState<string | null>(null);
  const shown = held.find(({ id }) => id === selected) ?? held[0];
  useEffect(() => {
    if (held.length === 0) setOpen(false);
  }, [held]);
  if (held.length === 0) return null;
  return (
    <>
      <div className="bar-notice" role="status" data-testid="held-bar">
        <span className="grow">
          {t('held.bar', { count: held.length })}
          <Left until={Math.min(...held.map(({ until }) => until))} />
        </span>
        <Button
          small
          data-testid="held-all"
          onClick={() => void app.attempt(() => app.client.call('intercept.resumeAll', {}))}
        >
          {t('held.all')}
        </Button>
        <Button variant="primary" small data-testid="held-show" onClick={() => setOpen(true)}>
          {t('held.show')}
        </Button>
      </div>
      <Dialog open={open} onClose={() => setOpen(false)} title={t('held.title')} wide testId="held-dialog">
        {held.length > 1 && (
          // biome-ignore lint/a11y/useSemanticElements: a group of buttons that choose, no fieldset of a form
          <div className="stack held-list" role="group" aria-label={t('held.list')}>
            {held.map((one) => (
              <Button key={one.id} small aria-pressed={one.id === shown?.id} onClick={() => setSelected(one.id)}>
                {t(`held.${one.side}`)} · {one.method} {one.url}
                <Left until={one.until} />
              </Button>
            ))}
          </div>
        )}
        {shown !== undefined && <HeldEditor key={shown.id} held={shown} left={<Left until={shown.until} />} />}
      </Dialog>
    </>
  );
}

function Left({ until }: { until: number }) {
  const t = useText();
  const now = useNow();
  return (
    <span className="muted" data-testid="held-left">
      {' '}
      · {t('held.left', { seconds: Math.max(0, Math.ceil((until - now) / 1000)) })}
    </span>
  );
}
