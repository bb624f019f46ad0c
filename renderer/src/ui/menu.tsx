import { Menu as Base } from '@base-ui/react/menu';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';

export interface MenuEntry {
  readonly id: string;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly keys?: string;
  readonly disabled?: boolean;
  readonly testId?: string;
  /** One of several that can be on: drawn with its mark, and the menu stays open. */
  readonly checked?: boolean;
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
      <Base.Portal container={landmark()}>
        <Base.Positioner className="layer" positionMethod="fixed" align={align} sideOffset={4}>
          <Base.Popup className="menu">
            <Entries entries={entries} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** Where a menu opens that no button opens: at the pointer, or at the row that has the focus. */
export interface MenuPlace {
  readonly x: number;
  readonly y: number;
}

/** The menu of a row: opened by the secondary mouse button, the menu key or Shift+F10. */
export function ContextMenu({
  place,
  entries,
  label,
  onClose,
}: {
  place: MenuPlace | null;
  entries: readonly (MenuEntry | null)[];
  label: string;
  onClose: () => void;
}) {
  const anchor = { getBoundingClientRect: () => DOMRect.fromRect({ ...place, width: 0, height: 0 }) };
  return (
    <Base.Root open={place !== null} onOpenChange={(open) => !open && onClose()}>
      <Base.Portal container={landmark()}>
        <Base.Positioner className="layer" positionMethod="fixed" anchor={anchor} align="start" sideOffset={2}>
          <Base.Popup className="menu" aria-label={label} data-testid="context-menu">
            <Entries entries={entries} />
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Entries({ entries }: { entries: readonly (MenuEntry | null)[] }) {
  return entries.map((entry, index) =>
    entry === null ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
      <Base.Separator className="menu-line" key={`line${index}`} />
    ) : entry.checked !== undefined ? (
      <Base.CheckboxItem
        key={entry.id}
        className="menu-item"
        checked={entry.checked}
        onCheckedChange={entry.run}
        data-testid={entry.testId ?? `menu-${entry.id}`}
      >
        <span className="menu-check" aria-hidden>
          {entry.checked && <Check size={13} />}
        </span>
        <span className="cut">{entry.label}</span>
      </Base.CheckboxItem>
    ) : (
      <Base.Item
        key={entry.id}
        className="menu-item"
        disabled={entry.disabled === true}
        onClick={entry.run}
        data-testid={entry.testId ?? `menu-${entry.id}`}
      >
        {entry.icon}
        <span className="cut">{entry.label}</span>
        {entry.keys !== undefined && <span className="keys">{entry.keys}</span>}
      </Base.Item>
    ),
  );
}

/** Menus lie inside the main landmark, so that nothing of the page is outside of all of them. */
function landmark(): HTMLElement | null {
  return document.getElementById('main');
}
