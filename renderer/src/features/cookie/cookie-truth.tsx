import type { CookieStanding, EditInfo, SessionDetail } from '../../../../core/model/app.ts';
import { ago, dateTime } from '../../format.ts';
import { type Translate, useText } from '../../i18n/index.ts';
import { useApp } from '../../state/app.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { useNow } from '../../ui/parts.tsx';

/** What is asked for, what holds now, and who changed it last. */
export function CookieTruth({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const now = useNow();
  const { standing, summary } = detail;
  if (standing === undefined) return null;
  const { edit, changedBy, asked } = standing;
  const hold = async (editId: string) => {
    const done = await app.attempt(() => app.client.call('cookie.hold', { key: summary.key, editId }));
    if (done === undefined) return;
    app.notify({ level: 'info', message: t('cookie.held'), actions: app.undoActions(editId) });
    void app.refreshDetail();
  };
  const flow = edit?.overwrittenIn ?? changedBy?.flowId;
  return (
    <dl className="section cookie-truth" data-testid="cookie-truth" data-edit={edit?.state ?? 'none'}>
      {edit !== undefined && (
        <div>
          <dt>{t('cookie.truth.asked')}</dt>
          <dd>
            <span className="wrap">{edit.text}</span>{' '}
            <span className="tag" data-testid="cookie-edit-state">
              {t(edit.state === 'applied' ? `cookie.truth.${standing.by ?? 'jar'}` : 'cookie.truth.overwritten')}
            </span>
            {edit.state === 'overwritten' && asked !== undefined && <pre className="code">{asked}</pre>}
          </dd>
        </div>
      )}
      <div>
        <dt>{t('cookie.truth.now')}</dt>
        <dd>{t(`cookie.truth.from.${standing.from}`)}</dd>
      </div>
      {changedBy !== undefined && (
        <div>
          <dt>{t('cookie.truth.changedBy')}</dt>
          <dd>
            <span data-testid="cookie-changed-by">{whoWords(standing, edit, t)}</span>{' '}
            <time className="muted" dateTime={new Date(changedBy.at).toISOString()} title={dateTime(changedBy.at)}>
              {ago(changedBy.at, now, t)}
            </time>{' '}
            {flow !== undefined && changedBy.who === 'application' && (
              <BareButton className="link" onClick={() => app.ui({ tab: 'flows', flowId: flow })}>
                {t('timeline.flow')}
              </BareButton>
            )}
          </dd>
        </div>
      )}
      {edit !== undefined && standing.setEachTime && standing.by !== 'wire' && (
        <div className="stack">
          <span>{t(edit.state === 'applied' ? 'cookie.truth.willNotLast' : 'cookie.truth.didNotLast')}</span>
          <span>
            <Button small variant="primary" data-testid="cookie-hold" onClick={() => void hold(edit.editId)}>
              {t('cookie.hold')}
            </Button>
          </span>
        </div>
      )}
    </dl>
  );
}

function whoWords({ changedBy }: CookieStanding, edit: EditInfo | undefined, t: Translate): string {
  if (changedBy?.who === 'edit') return t('cookie.truth.you');
  const { overwrittenBy } = edit ?? {};
  return overwrittenBy === undefined ? t('cookie.truth.application') : t('cookie.truth.answer', { who: overwrittenBy });
}
