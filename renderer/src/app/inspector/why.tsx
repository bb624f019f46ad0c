import { HelpCircle } from 'lucide-react';
import { useState } from 'react';
import type { Diagnosis, NamedCause } from '../../../../core/model/diagnosis.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { clockTime, dateTime } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp } from '../../state/app.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ProblemBox } from '../../ui/parts.tsx';

/** Asks the engine why the session ended, and shows the answer with its evidence. */
export function Why({ sessionKey }: { sessionKey: string }) {
  const t = useText();
  const app = useApp();
  const [open, setOpen] = useState(false);
  const [diagnosis, setDiagnosis] = useState<Diagnosis | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const ask = async () => {
    setOpen(true);
    setDiagnosis(null);
    setProblem(null);
    try {
      setDiagnosis(await app.client.call('session.why', { key: sessionKey }));
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <>
      <Button small data-testid="why" onClick={() => void ask()}>
        <HelpCircle size={13} aria-hidden />
        {t('why.start')}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={t('why.title')} testId="why-dialog" wide>
        {diagnosis === null && problem === null && <p role="status">{t('why.busy')}</p>}
        {problem !== null && <ProblemBox problem={problem} />}
        {diagnosis !== null && <Answer diagnosis={diagnosis} onLeave={() => setOpen(false)} />}
      </Dialog>
    </>
  );
}

function Answer({ diagnosis, onLeave }: { diagnosis: Diagnosis; onLeave: () => void }) {
  const t = useText();
  const [first, ...others] = diagnosis.causes;
  return (
    <div className="stack" data-testid="why-answer" data-cause={first?.id} data-certainty={first?.certainty}>
      <strong lang="en">{diagnosis.answer}</strong>
      {first !== undefined && <Cause cause={first} onLeave={onLeave} />}
      {others.length > 0 && (
        <details>
          <summary>{t('why.others', { count: others.length })}</summary>
          {others.map((cause) => (
            <section key={cause.id} className="stack" aria-label={cause.title}>
              <h3 lang="en">
                {cause.title} <span className="tag">{t(`why.certainty.${cause.certainty}`)}</span>
              </h3>
              <p lang="en">{cause.sentence}</p>
              <Cause cause={cause} onLeave={onLeave} />
            </section>
          ))}
        </details>
      )}
    </div>
  );
}

/** The chain of evidence, what is missing, and how to mend it. */
function Cause({ cause, onLeave }: { cause: NamedCause; onLeave: () => void }) {
  const t = useText();
  const app = useApp();
  return (
    <>
      <ol className="why-chain" lang="en">
        {cause.evidence.map((evidence) => (
          <li key={`${evidence.flowId ?? ''}${evidence.at ?? ''}${evidence.text}`}>
            {evidence.at !== undefined && (
              <time className="muted" title={dateTime(evidence.at)}>
                {clockTime(evidence.at)}
              </time>
            )}
            <span>
              {evidence.text}
              {evidence.line !== undefined && <code className="wrap">{evidence.line}</code>}
            </span>
            {evidence.flowId !== undefined && (
              <BareButton
                className="link"
                onClick={() => {
                  onLeave();
                  app.ui({ flowId: evidence.flowId ?? null, screen: 'flows' });
                }}
              >
                {t('why.flow')}
              </BareButton>
            )}
          </li>
        ))}
      </ol>
      {cause.against !== undefined && <p lang="en">{t('why.against', { what: cause.against.join('; ') })}</p>}
      {cause.missing !== undefined && cause.missing.length > 0 && (
        <p lang="en">{t('why.missing', { what: cause.missing.join('; ') })}</p>
      )}
      <p lang="en">
        <strong>{t('why.remedy')}</strong> {cause.remedy}
      </p>
    </>
  );
}
