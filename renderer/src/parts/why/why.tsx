import { HelpCircle } from 'lucide-react';
import { Fragment, useState } from 'react';
import type { Diagnosis, NamedCause } from '../../../../core/model/diagnosis.ts';
import type { Outlook } from '../../../../core/model/outlook.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { visible } from '../../../../core/model/visible.ts';
import { clockTime, dateTime } from '../../format.ts';
import { causesZh } from '../../i18n/causes-zh.ts';
import { currentLanguage, useText } from '../../i18n/index.ts';
import { problemOf, useApp } from '../../state/app.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ProblemBox } from '../../ui/parts.tsx';

/** Asks the engine why a session ended or a request was refused, and shows the answer with its evidence. */
export function Why({ of }: { of: { readonly sessionKey: string } | { readonly flowId: string } }) {
  const t = useText();
  const app = useApp();
  const [open, setOpen] = useState(false);
  const [diagnosis, setDiagnosis] = useState<Diagnosis | null>(null);
  const [answers, setAnswers] = useState<readonly Outlook[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const ask = async () => {
    setOpen(true);
    setDiagnosis(null);
    setAnswers([]);
    setProblem(null);
    try {
      if ('flowId' in of) setDiagnosis(await app.client.call('flow.why', { id: of.flowId }));
      else {
        const [why, ahead] = await Promise.all([
          app.client.call('session.why', { key: of.sessionKey }),
          app.client.call('session.outlook', { key: of.sessionKey }),
        ]);
        setDiagnosis(why);
        setAnswers(ahead.answers);
      }
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
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t('flowId' in of ? 'why.title.flow' : 'why.title')}
        testId="why-dialog"
        wide
      >
        {diagnosis === null && problem === null && <p role="status">{t('why.busy')}</p>}
        {problem !== null && <ProblemBox problem={problem} />}
        {diagnosis !== null && <Answer diagnosis={diagnosis} onLeave={() => setOpen(false)} />}
        {diagnosis !== null && goesOn(diagnosis) && answers.length > 0 && <Ahead answers={answers} />}
      </Dialog>
    </>
  );
}

function Answer({ diagnosis, onLeave }: { diagnosis: Diagnosis; onLeave: () => void }) {
  const t = useText();
  const [first, ...others] = diagnosis.causes;
  return (
    <div className="stack" data-testid="why-answer" data-cause={first?.id} data-certainty={first?.certainty}>
      {first !== undefined && local(first) !== undefined && <strong>{local(first)?.title}</strong>}
      <strong lang="en">{visible(diagnosis.answer)}</strong>
      {diagnosis.alarms.map(({ sentence, remedy }) => (
        <p key={sentence} className="warn" lang="en" data-testid="why-alarm">
          {visible(sentence)} {visible(remedy)}
        </p>
      ))}
      {first !== undefined && <Cause cause={first} onLeave={onLeave} />}
      {others.length > 0 && (
        <details>
          <summary>{t('why.others', { count: others.length })}</summary>
          {others.map((cause) => (
            <section key={cause.id} className="stack" aria-label={cause.title}>
              <h3>
                {local(cause)?.title ?? cause.title}{' '}
                <span className="tag">{t(`why.certainty.${cause.certainty}`)}</span>
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
      {local(cause) !== undefined && <p>{local(cause)?.why}</p>}
      <p>
        <strong>{t('why.remedy')}</strong> {local(cause)?.remedy ?? cause.remedy}
      </p>
      {cause.mend !== undefined && (
        <p lang="en" data-testid="why-mend">
          {visible(cause.mend)}
        </p>
      )}
    </>
  );
}

/** What lies ahead of the session: each trial with the reason. */
function Ahead({ answers }: { answers: readonly Outlook[] }) {
  const t = useText();
  return (
    <section className="stack why-ahead" aria-label={t('why.ahead')} data-testid="why-ahead">
      <h3>{t('why.ahead')}</h3>
      <dl className="facts">
        {answers.map(({ trial, verdict, sentence, because }) => (
          <Fragment key={trial}>
            <dt>{t(`why.trial.${trial}`)}</dt>
            <dd data-trial={trial} data-verdict={verdict}>
              <strong>{t(`why.survives.${verdict}`)}</strong> <span lang="en">{visible(sentence)}</span>
              {because.map((line) => (
                <code key={line} className="wrap">
                  {visible(line)}
                </code>
              ))}
            </dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}

/** The texts of a cause in the language of the window, where that is not the engine's own. */
function local({ id }: NamedCause): (typeof causesZh)[string] | undefined {
  return currentLanguage() === 'zh-CN' ? causesZh[id] : undefined;
}

/** What lies ahead is of interest only while it is not over. */
function goesOn({ loss, causes }: Diagnosis): boolean {
  return loss === null || causes[0]?.nothingLost === true;
}
