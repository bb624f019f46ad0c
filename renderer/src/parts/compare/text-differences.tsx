import { useText } from '../../i18n/index.ts';
import type { TextDifference } from '../../state/compare.ts';

/** Left and right of each fact that differs. */
export function TextDifferences({
  lines,
  left,
  right,
}: {
  lines: readonly TextDifference[];
  left: string;
  right: string;
}) {
  const t = useText();
  if (lines.length === 0) return <p className="muted">{t('compare.same')}</p>;
  return (
    <table className="merge">
      <thead>
        <tr>
          <th scope="col">{t('compare.where')}</th>
          <th scope="col">{left}</th>
          <th scope="col">{right}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.at}>
            <td>{line.at}</td>
            <td>{line.left ?? <span className="muted">{t('compare.absent')}</span>}</td>
            <td>{line.right ?? <span className="muted">{t('compare.absent')}</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
