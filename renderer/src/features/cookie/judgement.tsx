import { Check, XCircle } from 'lucide-react';
import type { CookieJudgement } from '../../../../core/model/app.ts';
import { dateTime } from '../../format.ts';
import { useText } from '../../i18n/index.ts';

export type Judged = CookieJudgement;

/** Whether a browser stores the cookie, and every reason; before them what a launched browser itself said. */
export function Judgement({ judged }: { judged: Judged }) {
  const t = useText();
  const { browser, fact, elsewhere = [] } = judged;
  const stored = fact?.stored ?? judged.stored;
  return (
    <div className="stack" data-testid="cookie-judgement">
      <div className="row">
        <h3>{browser === undefined ? t('cookie.judge') : t('cookie.judge.by', { browser })}</h3>
        <span className={`tag ${stored ? 'good' : 'bad'}`}>
          {stored ? <Check size={12} aria-hidden /> : <XCircle size={12} aria-hidden />}
          {stored ? t('cookie.stored') : t('cookie.notStored')}
        </span>
      </div>
      {fact === undefined ? (
        browser !== undefined && <p className="muted">{t('cookie.judge.computed')}</p>
      ) : (
        <p data-testid="cookie-fact">
          {fact.stored
            ? t('cookie.fact.stored', { when: dateTime(fact.at) })
            : t('cookie.fact.refused', { when: dateTime(fact.at), reasons: fact.reasons.join(', ') })}
          {fact.differs && ` ${t('cookie.fact.differs')}`}
        </p>
      )}
      <ul className="reasons">
        {judged.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
        {elsewhere.map((line) => (
          <li key={line} data-testid="cookie-elsewhere">
            {line}
          </li>
        ))}
      </ul>
    </div>
  );
}
