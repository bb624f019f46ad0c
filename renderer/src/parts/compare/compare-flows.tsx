import { useState } from 'react';
import type { FlowDetail } from '../../../../core/model/app.ts';
import { clockTime, urlParts } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { type App, useApp, useAppState } from '../../state/app.ts';
import { compareFacts, flowFacts, type TextDifference } from '../../state/compare.ts';
import { compareBodies } from '../../state/compare-bodies.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextDifferences } from './text-differences.tsx';

const MAX_CHOICES = 300;

/**
 * Two flows side by side: request line, headers, cookies one by one, status and sizes.
 * @param withId the flow to begin with; none is chosen when absent
 */
export function CompareFlows({ detail, withId }: { detail: FlowDetail; withId?: string }) {
  const t = useText();
  const app = useApp();
  const [open, setOpen] = useState(false);
  const [other, setOther] = useState<FlowDetail | null>(null);
  const [bodies, setBodies] = useState<readonly TextDifference[]>([]);
  const rows = useAppState((state) => state.flows.rows);
  const { flow } = detail;
  const { host } = urlParts(flow.request.url);
  const choices = rows.filter((one) => one.id !== flow.id && urlParts(one.url).host === host).slice(0, MAX_CHOICES);
  const choose = async (id: string) => {
    setOther(null);
    if (id === '') return;
    const [answer, differences] = await Promise.all([
      app.attempt(() => app.client.call('flow.detail', { id })),
      app.attempt(() => bodyDifferences(app, flow.id, id)),
    ]);
    setBodies(differences ?? []);
    setOther(answer?.detail ?? null);
  };
  const name = (one: FlowDetail) => `${clockTime(one.flow.startedAt)} ${one.flow.request.method}`;
  return (
    <>
      <Button
        small
        disabled={choices.length === 0}
        data-testid={withId === undefined ? 'compare-flows' : 'compare-result'}
        onClick={() => {
          setOpen(true);
          if (withId !== undefined) void choose(withId);
        }}
      >
        {withId === undefined ? t('compare.flows') : t('replay.results.compare')}
      </Button>
      <Dialog
        open={open}
        wide
        onClose={() => {
          setOpen(false);
          setOther(null);
        }}
        title={t('compare.flows')}
        testId="compare-dialog"
      >
        <label className="field">
          <span className="label">{t('compare.with')}</span>
          <Select
            value={other?.flow.id ?? ''}
            data-testid="compare-with"
            onChange={(event) => void choose(event.target.value)}
          >
            <option value="">—</option>
            {choices.map((one) => (
              <option key={one.id} value={one.id}>
                {`${clockTime(one.startedAt)} · ${one.status ?? '…'} · ${one.method} ${urlParts(one.url).rest}`}
              </option>
            ))}
          </Select>
        </label>
        {other !== null && (
          <TextDifferences
            lines={[...compareFacts(flowFacts(detail), flowFacts(other)), ...bodies]}
            left={name(detail)}
            right={name(other)}
          />
        )}
      </Dialog>
    </>
  );
}

/** Both bodies of both flows are read; one that is not kept says so in its place. */
async function bodyDifferences(app: App, left: string, right: string): Promise<TextDifference[]> {
  const parts = [
    ['request', '→'],
    ['response', '←'],
  ] as const;
  const lines = await Promise.all(
    parts.map(async ([part, mark]) => {
      const [a, b] = await Promise.all(
        [left, right].map((id) => app.client.call('flow.body', { id, part }).catch(() => undefined)),
      );
      return a === undefined || b === undefined ? [] : compareBodies(a, b, mark);
    }),
  );
  return lines.flat();
}
