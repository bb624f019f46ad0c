import type { RecordView } from '../../../../core/model/session.ts';
import { visible } from '../../../../core/model/visible.ts';
import { useText } from '../../i18n/index.ts';

/** What the decoder has to say: dangers first, each with its word. */
export function Warnings({ record }: { record: RecordView }) {
  const t = useText();
  const rank = { danger: 0, warning: 1, info: 2 };
  const tone = { danger: 'bad', warning: 'warn', info: '' };
  const lossy = record.lossless
    ? []
    : [{ code: 'lossy', severity: 'warning' as const, message: t('data.readOnly', { why: t('data.lossy') }) }];
  const warnings = [...record.warnings, ...lossy].sort((a, b) => rank[a.severity] - rank[b.severity]);
  const shown = warnings.filter((warning) => warning.severity !== 'info');
  if (shown.length === 0) return null;
  return (
    <ul className="warnings" data-testid="warnings">
      {shown.map((warning) => (
        <li key={`${warning.code}-${warning.message}`}>
          <span className={`tag ${tone[warning.severity]}`}>{t(`data.warn.${warning.severity}`)}</span>
          <span>{visible(warning.message)}</span>
        </li>
      ))}
    </ul>
  );
}
