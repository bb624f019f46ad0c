import { useEffect, useRef, useState } from 'react';
import type { PolicyAnswer, PolicyBand, SessionDetail } from '../../../../core/model/app.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { useText } from '../../i18n/index.ts';
import { CleanupNote } from '../../parts/cleanup-note.tsx';
import { problemOf, useApp } from '../../state/app.ts';
import { type PolicyForm, question } from '../../state/policy-form.ts';
import { ProblemBox } from '../../ui/parts.tsx';
import { LabAnswer } from './lab-answer.tsx';
import { LabQuestion } from './lab-question.tsx';
import { LabVersions } from './lab-versions.tsx';

const ASK_AFTER_MS = 150;

interface Reply {
  readonly answer: PolicyAnswer;
  readonly band: PolicyBand;
  readonly versions: readonly PolicyAnswer[];
}

interface Props {
  readonly detail: SessionDetail;
  readonly revision: string;
  readonly form: PolicyForm;
  readonly setForm: (next: PolicyForm) => void;
}

/** "Would it still be accepted after …, from …?" Asked again with every change of the question. */
export function LabAsk({ detail, revision, form, setForm }: Props) {
  const t = useText();
  const app = useApp();
  const [answer, setAnswer] = useState<Reply | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asking, setAsking] = useState(false);
  const asked = useRef(0);
  const { key } = detail.summary;
  const wanted = question(form);
  const bad = 'bad' in wanted ? wanted.bad : null;
  const asText = JSON.stringify(wanted);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the question as text and the record's revision decide
  useEffect(() => {
    if ('bad' in wanted) return;
    const turn = ++asked.current;
    setAsking(true);
    const timer = setTimeout(() => {
      app.client.call('policy.ask', { key, question: wanted }).then(
        (reply) => {
          if (turn !== asked.current) return;
          setAnswer(reply);
          setProblem(null);
          setAsking(false);
        },
        (error) => {
          if (turn !== asked.current) return;
          setProblem(problemOf(error));
          setAnswer(null);
          setAsking(false);
        },
      );
    }, ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [app, key, revision, asText]);

  return (
    <div className="scroll">
      <LabQuestion form={form} setForm={setForm} bad={bad} />
      {problem !== null && (
        <div className="section">
          <ProblemBox problem={problem} />
        </div>
      )}
      {answer !== null && (
        <LabAnswer answer={answer.answer} band={answer.band} asking={asking}>
          <LabVersions
            versions={answer.versions}
            chosen={form.profile}
            onChoose={(profile) => setForm({ ...form, profile })}
          />
        </LabAnswer>
      )}
      <div className="section">
        <CleanupNote detail={detail} />
      </div>
      {answer === null && problem === null && <p className="section muted">{t('lab.asking')}</p>}
    </div>
  );
}
