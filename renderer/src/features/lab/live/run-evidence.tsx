import type { ExperimentEvidence } from '../../../../../core/model/lab.ts';
import { useText } from '../../../i18n/index.ts';
import { useApp } from '../../../state/app.ts';
import { Button } from '../../../ui/button.tsx';

/** What a verdict rests on, step by step. */
export function RunEvidence({ evidence }: { evidence: readonly ExperimentEvidence[] }) {
  const t = useText();
  if (evidence.length === 0) return <p className="muted">{t('lab.run.noEvidence')}</p>;
  return (
    <ol className="evidence-steps">
      {evidence.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps of a finished experiment never move
        <li key={i} data-testid="run-evidence-step">
          <EvidenceStep step={step} />
        </li>
      ))}
    </ol>
  );
}

function EvidenceStep({ step }: { step: ExperimentEvidence }) {
  const t = useText();
  const app = useApp();
  const { flowId } = step;
  const parts = [
    ['lab.run.request', step.request],
    ['lab.run.response', step.response],
    ['lab.recordBefore', step.recordBefore],
    ['lab.recordAfter', step.recordAfter],
  ] as const;
  const shown = parts.filter(([, text]) => text !== undefined && text !== '');
  return (
    <div className="stack">
      <div className="row wrapping">
        <strong className="grow">{step.title}</strong>
        {flowId !== undefined && (
          <Button small data-testid="run-evidence-flow" onClick={() => app.ui({ screen: 'flows', flowId })}>
            {t('lab.run.flow')}
          </Button>
        )}
      </div>
      {step.text !== '' && <p>{step.text}</p>}
      {shown.length > 0 && (
        <dl className="facts">
          {shown.map(([label, text]) => (
            <div key={label} className="contents">
              <dt>{t(label)}</dt>
              <dd className="mono pre">{text}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
