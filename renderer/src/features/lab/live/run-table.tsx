import { ChevronDown, ChevronRight } from 'lucide-react';
import { Fragment, useId, useState } from 'react';
import type { ExperimentMeta, ExperimentOutcome } from '../../../../../core/model/lab.ts';
import { span } from '../../../format.ts';
import { useText } from '../../../i18n/index.ts';
import { BareButton } from '../../../ui/button.tsx';
import { useExperimentWords } from './experiment-words.ts';
import { RunEvidence } from './run-evidence.tsx';
import { VerdictMark } from './verdict-mark.tsx';

interface Props {
  readonly outcomes: readonly ExperimentOutcome[];
  readonly catalog: readonly ExperimentMeta[];
}

const ORDER = ['does-not-hold', 'cannot-tell', 'holds', 'not-applicable'] as const;

/** What failed first, then what is open, then what holds; within each as they were run. */
function failedFirst(outcomes: readonly ExperimentOutcome[]): readonly ExperimentOutcome[] {
  return ORDER.flatMap((verdict) => outcomes.filter((one) => one.verdict === verdict));
}

/** Verdicts, one a line, what failed first; each opens its evidence. */
export function RunTable({ outcomes, catalog }: Props) {
  const t = useText();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <table className="verdicts" data-testid="run-table" aria-label={t('lab.run.table')}>
      <thead>
        <tr>
          <th scope="col">{t('lab.run.verdict')}</th>
          <th scope="col">{t('lab.run.experiment')}</th>
          <th scope="col">{t('lab.run.took')}</th>
        </tr>
      </thead>
      <tbody>
        {failedFirst(outcomes).map((outcome) => (
          <OutcomeRows
            key={outcome.experimentId}
            outcome={outcome}
            meta={catalog.find(({ id }) => id === outcome.experimentId)}
            open={open.has(outcome.experimentId)}
            toggle={() => toggle(outcome.experimentId)}
          />
        ))}
      </tbody>
    </table>
  );
}

function OutcomeRows({
  outcome,
  meta,
  open,
  toggle,
}: {
  outcome: ExperimentOutcome;
  meta: ExperimentMeta | undefined;
  open: boolean;
  toggle: () => void;
}) {
  const t = useText();
  const id = useId();
  const { title } = useExperimentWords(meta ?? { id: outcome.experimentId });
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <Fragment>
      <tr data-testid="run-outcome" data-experiment={outcome.experimentId} data-verdict={outcome.verdict}>
        <td>
          <VerdictMark verdict={outcome.verdict} />
        </td>
        <td>
          <BareButton
            className="outcome-toggle"
            aria-expanded={open}
            aria-controls={open ? id : undefined}
            aria-describedby={`${id}-sentence`}
            data-testid={`run-outcome-${outcome.experimentId}`}
            onClick={toggle}
          >
            <Chevron size={14} aria-hidden />
            <span>{title}</span>
          </BareButton>
        </td>
        <td className="num muted nowrap">{span(outcome.tookMs, t)}</td>
      </tr>
      <tr className="sentence-row">
        <td colSpan={3}>
          <div className="outcome-sentence" id={`${id}-sentence`} data-testid={`run-sentence-${outcome.experimentId}`}>
            {outcome.sentence}
            {outcome.measured?.map(({ label, value, unit }) => (
              <span key={label} className="tag mono">
                {label}: {value} {unit}
              </span>
            ))}
          </div>
        </td>
      </tr>
      {open && (
        <tr id={id}>
          <td colSpan={3} className="evidence-cell">
            <section aria-label={t('lab.run.evidence', { title })} data-testid={`run-evidence-${outcome.experimentId}`}>
              <OutcomeFacts outcome={outcome} />
              <RunEvidence evidence={outcome.evidence} />
            </section>
          </td>
        </tr>
      )}
    </Fragment>
  );
}

/** The lines that decided, and how the finding is mended. */
function OutcomeFacts({ outcome }: { outcome: ExperimentOutcome }) {
  const t = useText();
  const { difference = [], mend, verdict } = outcome;
  return (
    <>
      {difference.length > 0 && (
        <section className="stack" data-testid="run-difference">
          <strong>{t('lab.run.decided')}</strong>
          <pre className="mono pre">{difference.join('\n')}</pre>
        </section>
      )}
      {verdict === 'does-not-hold' && mend !== undefined && (
        <p data-testid="run-mend">
          <strong>{t('lab.run.mend')}</strong> {mend}
        </p>
      )}
    </>
  );
}
