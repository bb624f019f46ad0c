import { Equal, EqualNot } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { FlowDetail } from '../../../../core/model/app.ts';
import type { FlowSummary } from '../../../../core/model/flow.ts';
import { bytes } from '../../format.ts';
import { type Translate, useText } from '../../i18n/index.ts';
import { CompareFlows } from '../../parts/compare/compare-flows.tsx';
import { useApp } from '../../state/app.ts';
import { groupReplays, type ReplayGroup } from '../../state/replay-results.ts';
import { Button } from '../../ui/button.tsx';

/** What came back when a request was sent many times: answers that are alike in one line, beside the recorded one. */
export function ReplayResults({ detail, ids }: { detail: FlowDetail; ids: readonly string[] }) {
  const t = useText();
  const app = useApp();
  const [flows, setFlows] = useState<readonly FlowSummary[] | null>(null);
  useEffect(() => {
    let stale = false;
    // The replays are the newest flows; others may have come in between.
    void app
      .attempt(() => app.client.call('flows.list', { limit: ids.length + 500 }))
      .then((answer) => {
        if (stale || answer === undefined) return;
        const wanted = new Set(ids);
        setFlows(answer.flows.filter(({ id }) => wanted.has(id)));
      });
    return () => {
      stale = true;
    };
  }, [app, ids]);
  // The form is long: what came back of it is shown without a search.
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (flows !== null) box.current?.scrollIntoView({ block: 'nearest' });
  }, [flows]);
  if (flows === null) return null;
  const { response } = detail.flow;
  const groups = groupReplays({ status: response?.status, size: response?.body.size ?? 0 }, flows);
  return (
    <div ref={box} className="box stack" data-testid="replay-results">
      <h3>{t('replay.results', { count: ids.length })}</h3>
      <table className="results">
        <thead>
          <tr>
            <th scope="col">{t('replay.results.count')}</th>
            <th scope="col">{t('flows.col.status')}</th>
            <th scope="col">{t('flows.col.size')}</th>
            <th scope="col">{t('replay.results.time')}</th>
            <th scope="col">{t('replay.results.recorded')}</th>
            <th scope="col">
              <span className="sr">{t('replay.results.acts')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={group.example} data-testid="replay-group">
              <td className="num">{group.count} ×</td>
              <td className="mono" title={group.error}>
                {group.status ?? group.error ?? '—'}
              </td>
              <td className="num">{bytes(group.size)}</td>
              <td className="num">{times(group, t)}</td>
              <td>
                <span className={group.asRecorded ? 'tag good' : 'tag warn'}>
                  {group.asRecorded ? <Equal size={12} aria-hidden /> : <EqualNot size={12} aria-hidden />}
                  {t(group.asRecorded ? 'replay.results.same' : 'replay.results.other')}
                </span>
              </td>
              <td>
                <div className="row">
                  <CompareFlows detail={detail} withId={group.example} />
                  <Button small onClick={() => app.ui({ flowId: group.example })}>
                    {t('replay.results.open')}
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {flows.length < ids.length && (
        <span className="muted">{t('replay.results.missing', { count: ids.length - flows.length })}</span>
      )}
    </div>
  );
}

function times({ fastest, median, slowest }: ReplayGroup, t: Translate): string {
  if (fastest === null || median === null || slowest === null) return '…';
  const ms = (n: number) => t('time.ms', { n: Math.round(n) });
  return fastest === slowest ? ms(median) : `${ms(median)} (${Math.round(fastest)}–${Math.round(slowest)})`;
}
