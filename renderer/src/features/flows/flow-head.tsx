import { ChevronDown, ChevronUp } from 'lucide-react';
import { useText } from '../../i18n/index.ts';
import { gridOf, withAddress } from '../../state/flow-columns.ts';
import type { FlowColumn, FlowSort } from '../../state/settings.ts';
import { BareButton } from '../../ui/button.tsx';

/** Heads of the columns: one press sorts what is loaded, a second turns it round, a third gives the order of time back. */
export function FlowHead({
  columns,
  sort,
  onSort,
}: {
  columns: readonly FlowColumn[];
  sort: FlowSort | null;
  onSort: (sort: FlowSort | null) => void;
}) {
  const t = useText();
  const next = (by: FlowColumn | 'url') =>
    sort?.by !== by ? { by, down: true } : sort.down ? { by, down: false } : null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of buttons above a list, not a form section
    <div
      className="flow-head"
      role="group"
      aria-label={t('flows.sort')}
      style={{ gridTemplateColumns: gridOf(columns) }}
      data-testid="flow-head"
    >
      {withAddress(columns).map((column) => {
        const Icon = sort?.by !== column ? null : sort.down ? ChevronDown : ChevronUp;
        return (
          <BareButton
            key={column}
            className={column === 'size' || column === 'time' ? 'num' : ''}
            aria-pressed={sort?.by === column}
            title={t('flows.sort.by', { column: t(`flows.col.${column}`) })}
            data-testid={`flow-sort-${column}`}
            onClick={() => onSort(next(column))}
          >
            <span className="cut">{t(`flows.col.${column}`)}</span>
            {Icon !== null && <Icon size={11} aria-hidden />}
          </BareButton>
        );
      })}
    </div>
  );
}
