import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useImperativeHandle, useRef, useState } from 'react';
import { ContextMenu, type MenuEntry, type MenuPlace } from './menu.tsx';

export interface VirtualListHandle {
  focus(): void;
  scrollTo(index: number): void;
  /** Moves the view by so many rows without moving what is seen (rows came in above). */
  shift(rows: number): void;
  scrollTop(): number;
}

interface Props {
  readonly count: number;
  readonly rowHeight: number;
  readonly label: string;
  /** Role of the list and of its rows. */
  readonly role: 'listbox' | 'tree' | 'grid' | 'list';
  readonly active: number;
  readonly onActive: (index: number) => void;
  /** Enter, or a double click. */
  readonly onOpen?: (index: number) => void;
  /** Keys that the list does not use itself. */
  readonly onKey?: (event: KeyboardEvent<HTMLElement>, index: number) => void;
  readonly rowKey: (index: number) => string | number;
  readonly row: (index: number, active: boolean) => ReactNode;
  readonly rowProps?: (index: number) => Record<string, unknown>;
  readonly handle?: React.Ref<VirtualListHandle>;
  readonly className?: string;
  readonly testId?: string;
  readonly onNearEnd?: () => void;
  readonly header?: ReactNode;
  readonly onPointerOver?: (over: boolean) => void;
  readonly onScrolled?: (top: number) => void;
  readonly disabled?: boolean;
  /** Keys of the rows that are selected together; with `onSelection` the list takes several. */
  readonly selection?: ReadonlySet<string | number>;
  readonly onSelection?: (keys: ReadonlySet<string | number>) => void;
  /** What can be done with a row, or with the selection that it belongs to. */
  readonly menu?: (index: number) => readonly (MenuEntry | null)[];
}

const NONE: ReadonlySet<string | number> = new Set();

const ROW_ROLE = { listbox: 'option', tree: 'treeitem', grid: 'row', list: 'listitem' } as const;

/**
 * A list of any length with rows of one height: only what is seen is in the document. One stop for the Tab key; arrows,
 * J and K, Home, End and the page keys move, and a screen reader follows through `aria-activedescendant`.
 */
export function VirtualList(props: Props) {
  const { count, rowHeight, active, onActive, onOpen, onKey, role, onNearEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    useFlushSync: false,
  });
  useImperativeHandle(props.handle, () => ({
    focus: () => scroller.current?.focus({ preventScroll: true }),
    scrollTo: (index) => virtual.scrollToIndex(index, { align: 'auto' }),
    shift: (rows) => {
      if (scroller.current !== null) scroller.current.scrollTop += rows * rowHeight;
    },
    scrollTop: () => scroller.current?.scrollTop ?? 0,
  }));
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onNearEnd !== undefined && count > 0 && last >= count - 30) onNearEnd();
  }, [last, count, onNearEnd]);

  const { selection = NONE, onSelection, menu, rowKey } = props;
  const rows = useSelection({ count, active, selection, onSelection, rowKey });
  const [place, setPlace] = useState<(MenuPlace & { index: number }) | null>(null);

  const move = (to: number, extending = false) => {
    if (count === 0) return;
    const index = Math.max(0, Math.min(count - 1, to));
    if (extending) rows.extendTo(index);
    else rows.clear();
    onActive(index);
    virtual.scrollToIndex(index, { align: 'auto' });
  };
  const openMenu = (index: number, at: MenuPlace) => {
    if (menu === undefined || index < 0) return;
    if (!selection.has(rowKey(index))) {
      rows.clear();
      onActive(index);
    }
    setPlace({ ...at, index });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 200) / rowHeight) - 1);
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      j: active + 1,
      ArrowUp: active - 1,
      k: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: count - 1,
    };
    const target = steps[event.key];
    if (plain && target !== undefined) {
      event.preventDefault();
      move(target, event.shiftKey && onSelection !== undefined);
    } else if (menu !== undefined && (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10'))) {
      event.preventDefault();
      const index = Math.max(0, active);
      const row = document.getElementById(`${id}-${index}`)?.getBoundingClientRect();
      if (row !== undefined) openMenu(index, { x: row.left + 24, y: row.bottom });
    } else if (onSelection !== undefined && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      rows.all();
    } else if (plain && event.key === 'Escape' && selection.size > 0) {
      event.preventDefault();
      rows.clear();
    } else if (plain && event.key === ' ' && onSelection !== undefined && active >= 0) {
      event.preventDefault();
      rows.toggle(active);
    } else if (plain && event.key === 'Enter' && onOpen !== undefined && active >= 0) {
      event.preventDefault();
      onOpen(active);
    } else {
      onKey?.(event, active);
    }
  };
  const shown = items.some((item) => item.index === active);

  const list = (
    // biome-ignore lint/a11y/noStaticElementInteractions: the role is a variable, one of four list roles
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: every one of them supports a name
    <div
      ref={scroller}
      role={role}
      tabIndex={props.disabled === true ? -1 : 0}
      aria-label={props.label}
      aria-activedescendant={shown && role !== 'list' ? `${id}-${active}` : undefined}
      {...(role === 'grid' ? { 'aria-rowcount': count } : {})}
      {...(onSelection === undefined ? {} : { 'aria-multiselectable': true })}
      className={`list ${props.className ?? ''}`}
      data-testid={props.testId}
      onKeyDown={onKeyDown}
      onPointerEnter={() => props.onPointerOver?.(true)}
      onPointerLeave={() => props.onPointerOver?.(false)}
      onScroll={(event) => props.onScrolled?.(event.currentTarget.scrollTop)}
    >
      <div className="list-inner" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus and handles the keys
          // biome-ignore lint/a11y/noStaticElementInteractions: the role is a variable, one of four row roles
          <div
            key={props.rowKey(item.index)}
            id={`${id}-${item.index}`}
            role={ROW_ROLE[role]}
            {...(role === 'list'
              ? {}
              : {
                  'aria-selected': selection.size > 0 ? selection.has(props.rowKey(item.index)) : item.index === active,
                })}
            data-selected={selection.has(props.rowKey(item.index))}
            {...(role === 'grid' ? { 'aria-rowindex': item.index + 1 } : {})}
            {...(role === 'listbox' || role === 'list'
              ? { 'aria-setsize': count, 'aria-posinset': item.index + 1 }
              : {})}
            data-active={item.index === active}
            className="list-row"
            style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
            onClick={(event) => {
              if (onSelection !== undefined && (event.ctrlKey || event.metaKey)) rows.toggle(item.index);
              else if (onSelection !== undefined && event.shiftKey) rows.extendTo(item.index);
              else rows.clear();
              onActive(item.index);
            }}
            onContextMenu={(event) => {
              if (menu === undefined) return;
              event.preventDefault();
              openMenu(item.index, { x: event.clientX, y: event.clientY });
            }}
            onDoubleClick={() => onOpen?.(item.index)}
            {...props.rowProps?.(item.index)}
          >
            {props.row(item.index, item.index === active)}
          </div>
        ))}
      </div>
    </div>
  );
  if (menu === undefined) return list;
  return (
    <>
      {list}
      <ContextMenu
        place={place}
        entries={place === null ? [] : menu(place.index)}
        label={props.label}
        onClose={() => {
          setPlace(null);
          scroller.current?.focus({ preventScroll: true });
        }}
      />
    </>
  );
}

/** Which rows are selected together, and how a key or a click changes that. */
function useSelection({
  count,
  active,
  selection,
  onSelection,
  rowKey,
}: {
  count: number;
  active: number;
  selection: ReadonlySet<string | number>;
  onSelection: Props['onSelection'];
  rowKey: Props['rowKey'];
}) {
  /** Where a range began. */
  const anchor = useRef<number | null>(null);
  const begin = () => (active >= 0 ? active : 0);
  return {
    clear: () => {
      anchor.current = null;
      if (selection.size > 0) onSelection?.(NONE);
    },
    toggle: (index: number) => {
      const next = new Set(selection);
      if (next.size === 0 && active >= 0 && active !== index) next.add(rowKey(active));
      if (!next.delete(rowKey(index))) next.add(rowKey(index));
      anchor.current = index;
      onSelection?.(next);
    },
    extendTo: (index: number) => {
      anchor.current ??= begin();
      const [from, to] = [Math.min(anchor.current, index), Math.max(anchor.current, index)];
      onSelection?.(new Set(Array.from({ length: to - from + 1 }, (_, i) => rowKey(from + i))));
    },
    all: () => onSelection?.(new Set(Array.from({ length: count }, (_, i) => rowKey(i)))),
  };
}
