import { Menu as Base } from '@base-ui/react/menu';
import type { ReactNode } from 'react';

export interface MenuEntry {
  readonly id: string;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly keys?: string;
  readonly disabled?: boolean;
  readonly testId?: string;
  readonly run: () => void;
}

/** `null` draws a line between groups. */
export function Menu({
  trigger,
  entries,
  label,
  className,
  testId,
  tabIndex,
  align = 'end',
}: {
  trigger: ReactNode;
  entries: readonly (MenuEntry | null)[];
  label: string;
  className?: string;
  testId?: string;
  tabIndex?: number;
  align?: 'start' | 'end';
}) {
  return (
    <Base.Root>
      <Base.Trigger className={className} aria-label={label} title={label} data-testid={testId} tabIndex={tabIndex}>
        {trigger}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className="layer" align={align} sideOffset={4}>
          <Base.Popup className="menu">
            {entries.map((entry, index) =>
              entry === null ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
                <Base.Separator className="menu-line" key={`line${index}`} />
              ) : (
                <Base.Item
                  key={entry.id}
                  className="menu-item"
                  disabled={entry.disabled === true}
                  onClick={entry.run}
                  data-testid={entry.testId}
                >
                  {entry.icon}
                  <span className="cut">{entry.label}</span>
                  {entry.keys !== undefined && <span className="keys">{entry.keys}</span>}
                </Base.Item>
              ),
            )}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
