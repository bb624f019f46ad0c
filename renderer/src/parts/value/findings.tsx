import type { ValueFinding } from '../../../../core/model/finding.ts';
import { visible } from '../../../../core/model/visible.ts';
import { useText } from '../../i18n/index.ts';

/** What is wrong with a value by itself, each with how to mend it. */
export function Findings({ findings }: { findings: readonly ValueFinding[] }) {
  const t = useText();
  if (findings.length === 0) return null;
  return (
    <ul className="findings" data-testid="findings">
      {findings.map(({ id, severity, sentence, mend, source }) => (
        <li key={`${id} ${source ?? ''}`} data-finding={id}>
          <span className={`tag ${severity === 'danger' ? 'bad' : 'warn'}`}>{t(`finding.${id}`)}</span>{' '}
          <span lang="en">{visible(sentence)}.</span>{' '}
          <span className="muted">
            {t('finding.mend')} <span lang="en">{mend}.</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
