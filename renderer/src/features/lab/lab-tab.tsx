import { useEffect, useRef, useState } from 'react';
import type { PolicyAnswer, PolicyBand, SessionDetail } from '../../../../core/model/app.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp } from '../../state/app.ts';
import { defaultPolicyForm, type PolicyForm, question } from '../../state/policy-form.ts';
import { Empty, ProblemBox } from '../../ui/parts.tsx';
import { LabAnswer } from './lab-answer.tsx';
import { LabQuestion } from './lab-question.tsx';

const ASK_AFTER_MS = 150;

/** "Would it still be accepted after …, from …?" Asked anew with every change of the question. */
export function LabTab({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const [form, setForm] = useState<PolicyForm>(defaultPolicyForm);
  const [answer, setAnswer] = useState<{ answer: PolicyAnswer; band: PolicyBand } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asking, setAsking] = useState(false);
  const asked = useRef(0);
  const { key } = detail.summary;
  const revision = detail.record?.revision ?? null;
  const wanted = question(form);
  const bad = 'bad' in wanted ? wanted.bad : null;
  const asText = JSON.stringify(wanted);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the question as text and the record's revision decide
  useEffect(() => {
    if ('bad' in wanted || revision === null) return;
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

  if (revision === null) {
    return (
      <Empty title={t('lab.noRecord')} text={t('lab.noRecord.text')}>
        <button type="button" className="button" onClick={() => app.go('stores')}>
          {t('inspector.attach')}
        </button>
      </Empty>
    );
  }
  return (
    <div className="scroll">
      <LabQuestion form={form} setForm={setForm} bad={bad} />
      {problem !== null && (
        <div className="section">
          <ProblemBox problem={problem} />
        </div>
      )}
      {answer !== null && <LabAnswer {...answer} asking={asking} />}
      {answer === null && problem === null && <p className="section muted">{t('lab.asking')}</p>}
    </div>
  );
}
