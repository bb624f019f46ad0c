import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { PolicyAnswer, PolicyBand, PolicyQuestion } from '../../../../core/model/app.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp } from '../../state/app.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { ProblemBox } from '../../ui/parts.tsx';
import { LabAnswer } from './lab-answer.tsx';

interface Props {
  readonly sessionKey: string;
  readonly name: string;
  readonly question: PolicyQuestion;
  /** Opened by keyboard: the focus goes in. */
  readonly takeFocus: boolean;
  readonly onClose: () => void;
  readonly onAsk: () => void;
}

/** Why a cell is as it is: its question asked alone, with all its evidence. */
export function MatrixEvidence({ sessionKey, name, question, takeFocus, onClose, onAsk }: Props) {
  const t = useText();
  const app = useApp();
  const region = useRef<HTMLElement>(null);
  const [answer, setAnswer] = useState<{ answer: PolicyAnswer; band: PolicyBand } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asking, setAsking] = useState(true);
  const asText = JSON.stringify(question);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the question as text decides
  useEffect(() => {
    let wanted = true;
    setAsking(true);
    app.client.call('policy.ask', { key: sessionKey, question }).then(
      (reply) => {
        if (!wanted) return;
        setAnswer(reply);
        setProblem(null);
        setAsking(false);
      },
      (error) => {
        if (!wanted) return;
        setAnswer(null);
        setProblem(problemOf(error));
        setAsking(false);
      },
    );
    return () => {
      wanted = false;
    };
  }, [app, sessionKey, asText]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another cell was opened
  useEffect(() => {
    if (takeFocus) region.current?.focus();
  }, [takeFocus, asText]);

  return (
    <section
      ref={region}
      className="lab-side"
      tabIndex={-1}
      aria-label={`${t('lab.matrix.evidence')}: ${name}`}
      data-testid="matrix-evidence"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onClose();
      }}
    >
      <div className="lab-side-head">
        <h3 className="grow" data-testid="matrix-evidence-name">
          {name}
        </h3>
        <IconButton aria-label={t('lab.matrix.evidence.close')} data-testid="matrix-evidence-close" onClick={onClose}>
          <X size={15} aria-hidden />
        </IconButton>
      </div>
      {problem !== null && (
        <div className="section">
          <ProblemBox problem={problem} />
        </div>
      )}
      {answer !== null && <LabAnswer {...answer} asking={asking} />}
      {answer === null && problem === null && <p className="section muted">{t('lab.asking')}</p>}
      <div className="section">
        <div>
          <Button small data-testid="matrix-evidence-ask" onClick={onAsk}>
            {t('lab.matrix.evidence.ask')}
          </Button>
        </div>
      </div>
    </section>
  );
}
