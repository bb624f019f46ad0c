import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useImperativeHandle, useRef } from 'react';

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
}

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

  const move = (to: number) => {
    if (count === 0) return;
    const index = Math.max(0, Math.min(count - 1, to));
    onActive(index);
    virtual.scrollToIndex(index, { align: 'auto' });
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
      move(target);
    } else if (plain && event.key === 'Enter' && onOpen !== undefined && active >= 0) {
      event.preventDefault();
      onOpen(active);
    } else {
      onKey?.(event, active);
    }
  };
  const shown = items.some((item) => item.index === active);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the role is a variable, one of four list roles
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: every one of them supports a name
    <div
      ref={scroller}
      role={role}
      tabIndex={props.disabled === true ? -1 : 0}
      aria-label={props.label}
      aria-activedescendant={shown && role !== 'list' ? `${id}-${active}` : undefined}
      {...(role === 'grid' ? { 'aria-rowcount': count } : {})}
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
            {...(role === 'list' ? {} : { 'aria-selected': item.index === active })}
            {...(role === 'grid' ? { 'aria-rowindex': item.index + 1 } : {})}
            {...(role === 'listbox' || role === 'list'
              ? { 'aria-setsize': count, 'aria-posinset': item.index + 1 }
              : {})}
            data-active={item.index === active}
            className="list-row"
            style={{ height: rowHeight, transform: `translateY(${item.start}px)` }}
            onClick={() => onActive(item.index)}
            onDoubleClick={() => onOpen?.(item.index)}
            {...props.rowProps?.(item.index)}
          >
            {props.row(item.index, item.index === active)}
          </div>
        ))}
      </div>
    </div>
  );
}
