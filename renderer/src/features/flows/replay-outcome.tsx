import { Equal, EqualNot } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { FlowDetail } from '../../../../core/model/app.ts';
import { visible } from '../../../../core/model/visible.ts';
import { bytes } from '../../format.ts';
import { type Translate, useText } from '../../i18n/index.ts';
import { CompareFlows } from '../../parts/compare/compare-flows.tsx';
import { useApp } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';

/** What came back of one replay, beside the recorded answer: only what differs is named. */
export function ReplayOutcome({ recorded, id }: { recorded: FlowDetail; id: string }) {
  const t = useText();
  const app = useApp();
  const [replayed, setReplayed] = useState<FlowDetail | null>(null);
  useEffect(() => {
    let stale = false;
    void app
      .attempt(() => app.client.call('flow.detail', { id }))
      .then((answer) => {
        if (!stale && answer?.detail !== undefined) setReplayed(answer.detail);
      });
    return () => {
      stale = true;
    };
  }, [app, id]);
  if (replayed === null) return null;
  const differences = differencesOf(recorded, replayed, t);
  const same = differences.length === 0;
  return (
    <div className="box row wrapping" role="status" data-testid="replay-outcome" data-same={same}>
      <span className={same ? 'tag good' : 'tag warn'}>
        {same ? <Equal size={12} aria-hidden /> : <EqualNot size={12} aria-hidden />}
        {t(same ? 'flows.outcome.same' : 'flows.outcome.other')}
      </span>
      <span className="grow wrap">{differences.join(' · ')}</span>
      <CompareFlows detail={recorded} withId={id} />
      <Button small onClick={() => app.ui({ flowId: id })}>
        {t('flows.outcome.open')}
      </Button>
    </div>
  );
}

/** How the answer differs in what tells whether the session was accepted: status, target, session cookie, size. */
function differencesOf(recorded: FlowDetail, replayed: FlowDetail, t: Translate): string[] {
  const [before, after] = [recorded.flow.response, replayed.flow.response];
  if (after === undefined) return [replayed.flow.error ?? t('flows.noAnswer')].map(visible);
  const found: string[] = [];
  if (before?.status !== after.status)
    found.push(t('flows.outcome.status', { before: before?.status ?? '—', after: after.status }));
  const [from, to] = [target(before?.rawHeaders ?? []), target(after.rawHeaders)];
  if (from !== to) found.push(t('flows.outcome.target', { before: visible(from ?? '—'), after: visible(to ?? '—') }));
  const [issued, reissued] = [setsSession(recorded), setsSession(replayed)];
  if (issued !== reissued) found.push(t(reissued ? 'flows.outcome.cookie' : 'flows.outcome.noCookie'));
  const [size, newSize] = [before?.body.size ?? 0, after.body.size];
  if (size !== newSize) found.push(t('flows.outcome.size', { before: bytes(size), after: bytes(newSize) }));
  return found;
}

function target(rawHeaders: readonly string[]): string | undefined {
  return rawHeaders.find((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'location');
}

function setsSession({ setCookies }: FlowDetail): boolean {
  return setCookies.some(({ sessionKey }) => sessionKey !== undefined);
}
