import type { SessionDetail } from '../../../core/model/app.ts';
import { ago } from '../format.ts';
import { useText } from '../i18n/index.ts';
import { useNow } from '../ui/parts.tsx';

/** web.py's own cookie name, or a record that has web.py's own fields. */
function isWebpy({ summary, record }: Pick<SessionDetail, 'summary' | 'record'>): boolean {
  const { carrier } = summary;
  if (carrier.kind === 'cookie' && carrier.name === 'webpy_session_id') return true;
  const names = record?.value?.t === 'dict' ? record.value.v.map(([key]) => (key.t === 'str' ? key.v : '')) : [];
  return names.includes('session_id') && names.includes('ip');
}

/** When web.py looks for old records, and what was seen of that: an aged session lives until then. */
export function CleanupNote({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const now = useNow();
  if (!isWebpy(detail)) return null;
  const { lastCleanup } = detail;
  return (
    <p className="muted" data-testid="cleanup-note">
      {t('cleanup.note')}{' '}
      {lastCleanup === undefined ? t('cleanup.none') : t('cleanup.last', { when: ago(lastCleanup, now, t) })}
    </p>
  );
}

/** A session that was aged and is used since: why it still lives. */
export function AgedAndUsed({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const { summary, edits } = detail;
  const aged = edits.find(({ what, state }) => what === 'record-age' && state === 'applied');
  const isOn = aged !== undefined && summary.state === 'live' && summary.lastActivity > aged.at;
  if (!isOn || !isWebpy(detail)) return null;
  return (
    <div className="state-line" role="note" data-testid="aged-and-used">
      {t('cleanup.usedSince')}
    </div>
  );
}
