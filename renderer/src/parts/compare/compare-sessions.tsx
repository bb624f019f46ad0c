import { GitCompareArrows } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { diff } from '../../../../core/codec/diff.ts';
import type { SessionDetail } from '../../../../core/model/app.ts';
import { visible } from '../../../../core/model/visible.ts';
import { carrierName, shortId } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { compareFacts, cookieFacts, type TextDifference } from '../../state/compare.ts';
import { inline } from '../../state/value-text.ts';
import { IconButton } from '../../ui/button.tsx';
import { Select } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextDifferences } from './text-differences.tsx';

const MAX_CHOICES = 500;

/** Two sessions side by side: the data by its structure, the cookies by their attributes. */
export function CompareSessions({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const [open, setOpen] = useState(false);
  const [other, setOther] = useState<SessionDetail | null>(null);
  const rows = useAppState((state) => state.sessions.rows);
  const { key, host } = detail.summary;
  const choices = useMemo(
    () =>
      [...rows.values()]
        .filter((one) => one.key !== key)
        .sort((a, b) => Number(b.host === host) - Number(a.host === host) || b.lastActivity - a.lastActivity)
        .slice(0, MAX_CHOICES),
    [rows, key, host],
  );
  const choose = async (wanted: string) => {
    setOther(null);
    if (wanted === '') return;
    const answer = await app.attempt(() => app.client.call('session.detail', { key: wanted }));
    setOther(answer?.detail ?? null);
  };
  const wanted = useAppState((state) => state.ui.compareWith);
  // Asked for from the list, with both sessions selected there.
  useEffect(() => {
    if (wanted === null || wanted === key) return;
    app.ui({ compareWith: null });
    setOpen(true);
    void app
      .attempt(() => app.client.call('session.detail', { key: wanted }))
      .then((answer) => setOther(answer?.detail ?? null));
  }, [app, key, wanted]);
  return (
    <>
      <IconButton
        aria-label={t('compare.sessions')}
        title={t('compare.sessions')}
        disabled={choices.length === 0}
        data-testid="compare-sessions"
        onClick={() => setOpen(true)}
      >
        <GitCompareArrows size={15} aria-hidden />
      </IconButton>
      <Dialog
        open={open}
        wide
        onClose={() => {
          setOpen(false);
          setOther(null);
        }}
        title={t('compare.sessions')}
        testId="compare-dialog"
      >
        <label className="field">
          <span className="label">{t('compare.with')}</span>
          <Select
            value={other?.summary.key ?? ''}
            data-testid="compare-with"
            onChange={(event) => void choose(event.target.value)}
          >
            <option value="">—</option>
            {choices.map((one) => (
              <option key={one.key} value={one.key}>
                {`${visible(one.host)} · ${carrierName(one.carrier)} · ${shortId(one.id)} ${visible(one.label ?? '')}`}
              </option>
            ))}
          </Select>
        </label>
        {other !== null && <Comparison left={detail} right={other} />}
      </Dialog>
    </>
  );
}

function Comparison({ left, right }: { left: SessionDetail; right: SessionDetail }) {
  const t = useText();
  const names = [shortId(left.summary.id), shortId(right.summary.id)] as const;
  const data = useMemo(() => dataDifferences(left, right, t('data.root')), [left, right, t]);
  const cookie = compareFacts(cookieFacts(left.cookie), cookieFacts(right.cookie));
  return (
    <>
      <h3>{t('tab.data')}</h3>
      {data === null ? (
        <p className="muted">{t('compare.noData')}</p>
      ) : (
        <TextDifferences lines={data} left={names[0]} right={names[1]} />
      )}
      <h3>{t('tab.cookie')}</h3>
      <TextDifferences lines={cookie} left={names[0]} right={names[1]} />
    </>
  );
}

function dataDifferences(left: SessionDetail, right: SessionDetail, root: string): TextDifference[] | null {
  const [a, b] = [left.record?.value, right.record?.value];
  if (a == null || b == null) return null;
  return diff(a, b, { max: 1_000 }).map(({ at, before, after }) => ({
    at: at === '' ? root : at,
    ...(before === undefined ? {} : { left: inline(before) }),
    ...(after === undefined ? {} : { right: inline(after) }),
  }));
}
