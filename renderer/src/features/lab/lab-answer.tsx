import { Check, MailWarning, OctagonAlert, UserRoundPlus } from 'lucide-react';
import type { ReactNode } from 'react';
import type { PolicyAnswer, PolicyBand } from '../../../../core/model/app.ts';
import { useText } from '../../i18n/index.ts';
import { TimeBand } from './time-band.tsx';

export const OUTCOME_ICON = {
  accepted: Check,
  'new-session': UserRoundPlus,
  'expired-message': MailWarning,
  'server-error': OctagonAlert,
};

interface Props {
  readonly answer: PolicyAnswer;
  readonly band: PolicyBand;
  readonly asking: boolean;
  /** Stands between the time band and the reasons. */
  readonly children?: ReactNode;
}

export function LabAnswer({ answer, band, asking, children }: Props) {
  const t = useText();
  const { outcome, evidence } = answer;
  const Icon = OUTCOME_ICON[outcome];
  return (
    <>
      <div className="section">
        <div
          className="outcome"
          role="status"
          aria-busy={asking}
          data-outcome={outcome}
          data-testid="policy-outcome"
          data-settled={!asking}
          data-after={answer.question.afterSeconds}
          data-address={answer.question.fromAddress}
          data-timeout={answer.question.parameters.timeout}
        >
          <Icon size={20} aria-hidden />
          <div className="stack">
            <strong>{t(`lab.outcome.${outcome}`)}</strong>
            <span>{answer.sentence}</span>
          </div>
        </div>
        <TimeBand band={band} asked={answer.question.afterSeconds} />
      </div>
      {children}
      <div className="section">
        <h3>{t('lab.reasons')}</h3>
        <ol className="reasons" data-testid="policy-reasons">
          {answer.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ol>
      </div>
      <div className="section">
        <h3>{t('lab.evidence')}</h3>
        <dl className="facts" data-testid="policy-evidence">
          <dt>{t('lab.status')}</dt>
          <dd className="mono">{evidence.status}</dd>
          <dt>{t('lab.setCookie')}</dt>
          <dd className="mono">{evidence.setCookie.length === 0 ? t('common.none') : evidence.setCookie.join('\n')}</dd>
          <dt>{t('lab.body')}</dt>
          <dd className="mono">{evidence.body === '' ? t('common.none') : evidence.body}</dd>
          <dt>{t('lab.recordBefore')}</dt>
          <dd className="mono">{evidence.recordBefore}</dd>
          <dt>{t('lab.recordAfter')}</dt>
          <dd className="mono">{evidence.recordAfter}</dd>
          <dt>{t('lab.storeCalls')}</dt>
          <dd>
            <pre className="code">{evidence.storeCalls.join('\n')}</pre>
          </dd>
        </dl>
      </div>
    </>
  );
}
