import { useState } from 'react';
import type { Matrix } from '../../../../core/model/lab.ts';
import { useText } from '../../i18n/index.ts';
import { exactSpan, type MapPlace, mapName, runsOf } from './matrix-cells.ts';

/** The maps as a table of words: for each timeout from when on which outcome. */
export function MatrixWords({ matrix, maps }: { matrix: Matrix; maps: readonly MapPlace[] }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const { timeouts, ages } = matrix.question;
  const words = (map: MapPlace, row: number) => {
    const runs = runsOf(matrix, map, row);
    const said = runs.map(({ outcome, from }) => ({ outcome: t(`lab.outcome.said.${outcome}`), from }));
    if (said.length === 1) return t('lab.matrix.words.all', { outcome: said[0]?.outcome ?? '' });
    return said
      .map(({ outcome, from }, i) =>
        i === 0 ? outcome : t('lab.matrix.words.from', { outcome, age: exactSpan(ages[from] ?? 0, t) }),
      )
      .join(' → ');
  };
  return (
    <details data-testid="matrix-words" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('lab.matrix.words')}</summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="words-table" tabIndex={0} aria-label={t('lab.matrix.words')}>
          <table className="merge">
            <thead>
              <tr>
                <th scope="col">{t('lab.matrix.words.timeout')}</th>
                {maps.map((map) => (
                  <th scope="col" key={`${map.p}-${map.a}`}>
                    {mapName(matrix.question, map, t)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {timeouts.map((timeout, row) => (
                <tr key={timeout}>
                  <th scope="row">{exactSpan(timeout, t)}</th>
                  {maps.map((map) => (
                    <td key={`${map.p}-${map.a}`}>{words(map, row)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
