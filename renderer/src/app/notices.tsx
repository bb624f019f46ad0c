import { AlertTriangle, Info, OctagonAlert, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { visibleLines } from '../../../core/model/visible.ts';
import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';
import type { NoticeItem } from '../state/notices.ts';
import { Button, IconButton } from '../ui/button.tsx';

const SHOWN_MS = 5_000;
const SHOWN_WITH_ACTION_MS = 12_000;
const ICONS = { info: Info, warning: AlertTriangle, error: OctagonAlert };

/** Notices and running work, at the bottom; errors, and notices with a choice, stay until they are dismissed. */
export function Notices() {
  const t = useText();
  const app = useApp();
  const items = useAppState((state) => state.notices.items);
  const progress = useAppState((state) => state.notices.progress);
  return (
    <section className="toasts" aria-label={t('notice.label')} aria-live="polite">
      {[...progress.values()].map((task) => (
        <div className="toast" key={task.taskId} data-testid="progress">
          <div className="grow stack">
            <span>{task.title}</span>
            <progress
              className="progress-bar"
              aria-label={task.title}
              {...(task.total === null ? {} : { value: task.done, max: task.total })}
            />
            {task.total !== null && (
              <span className="muted">{t('progress.of', { done: task.done, total: task.total })}</span>
            )}
          </div>
          <Button
            small
            aria-label={t('progress.cancel', { title: task.title })}
            onClick={() => void app.attempt(() => app.client.call('task.cancel', { taskId: task.taskId }))}
          >
            {t('common.cancel')}
          </Button>
        </div>
      ))}
      {items.map((item) => (
        <Toast key={item.id} item={item} />
      ))}
    </section>
  );
}

function Toast({ item }: { item: NoticeItem }) {
  const t = useText();
  const app = useApp();
  const [held, setHeld] = useState(false);
  const Icon = ICONS[item.level];
  useEffect(() => {
    const choices = item.actions?.length ?? 0;
    if (held || item.level === 'error' || choices > 1) return;
    const timer = setTimeout(() => app.dismiss(item.id), choices === 0 ? SHOWN_MS : SHOWN_WITH_ACTION_MS);
    return () => clearTimeout(timer);
  }, [app, held, item]);
  return (
    <div
      className="toast"
      data-level={item.level}
      data-choices={item.actions?.length ?? 0}
      data-testid="notice"
      role={item.level === 'error' ? 'alert' : 'status'}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
    >
      <Icon size={15} aria-hidden />
      <div className="grow">
        <div>{visibleLines(item.message)}</div>
        {item.remedy !== undefined && <div className="muted">{visibleLines(item.remedy)}</div>}
      </div>
      <div className="toast-actions">
        {item.actions?.map((action) => (
          <Button
            key={action.label}
            small
            data-testid={action.testId}
            onClick={() => {
              action.run();
              app.dismiss(item.id);
            }}
          >
            {action.label}
          </Button>
        ))}
      </div>
      <IconButton aria-label={t('notice.dismiss')} onClick={() => app.dismiss(item.id)}>
        <X size={14} aria-hidden />
      </IconButton>
    </div>
  );
}
