import { Check, XCircle } from 'lucide-react';
import { useText } from '../../i18n/index.ts';

export interface Judged {
  readonly stored: boolean;
  readonly reasons: readonly string[];
}

/** Whether a browser stores the cookie, and every reason. */
export function Judgement({ judged }: { judged: Judged }) {
  const t = useText();
  return (
    <div className="stack" data-testid="cookie-judgement">
      <div className="row">
        <h3>{t('cookie.judge')}</h3>
        <span className={`tag ${judged.stored ? 'good' : 'bad'}`}>
          {judged.stored ? <Check size={12} aria-hidden /> : <XCircle size={12} aria-hidden />}
          {judged.stored ? t('cookie.stored') : t('cookie.notStored')}
        </span>
      </div>
      <ul className="reasons">
        {judged.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </div>
  );
}
