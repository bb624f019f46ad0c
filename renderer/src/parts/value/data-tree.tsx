import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { formatPath } from '../../../../core/codec/path.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { useText } from '../../i18n/index.ts';
import { useApp } from '../../state/app.ts';
import { draftKey } from '../../state/app-state.ts';
import type { Draft } from '../../state/draft.ts';
import { flattenTree, type TreeRow } from '../../state/tree-rows.ts';
import { editText, isEnterable } from '../../state/value-text.ts';
import { useNow } from '../../ui/parts.tsx';
import { VirtualList, type VirtualListHandle } from '../../ui/virtual-list.tsx';
import { AddDialog } from './add-dialog.tsx';
import { canHold, copyText } from './node-text.ts';
import { RowTextDialog } from './row-text-dialog.tsx';
import { moveRow, removeRow, renameRow, setRow } from './tree-acts.ts';
import { TreeRowView } from './tree-row.tsx';
import type { Change } from './use-changes.ts';

const ROW = 28;
const OPEN_BELOW = 30;

export type Editing = { readonly id: string; readonly what: 'value' | 'key' };

interface Props {
  readonly draft: Draft;
  readonly readOnly: string | null;
  readonly changes: ReadonlyMap<string, Change>;
  readonly overrides: ReadonlyMap<string, boolean>;
  readonly setOverrides: (next: ReadonlyMap<string, boolean>) => void;
  readonly hitId: string | undefined;
}

/** The record as a typed tree. Every change is staged in the draft; nothing here writes. */
export function DataTree({ draft, readOnly, changes, overrides, setOverrides, hitId }: Props) {
  const t = useText();
  const app = useApp();
  const now = useNow(changes.size > 0 ? 1000 : 60_000);
  const list = useRef<VirtualListHandle>(null);
  const [activeId, setActiveId] = useState('');
  const [editing, setEditing] = useState<Editing | null>(null);
  const [adding, setAdding] = useState<{ row: TreeRow; before?: TreeRow } | null>(null);
  const [asText, setAsText] = useState<TreeRow | null>(null);

  const rows = useMemo(
    () =>
      flattenTree(draft.base, draft.edits, (id, depth, count) => {
        return overrides.get(id) ?? (depth === 0 || (depth < 3 && count <= OPEN_BELOW));
      }),
    [draft.base, draft.edits, overrides],
  );
  const indexOf = useMemo(() => new Map(rows.map((row, index) => [row.id, index])), [rows]);
  const active = indexOf.get(activeId) ?? -1;

  useEffect(() => {
    if (hitId === undefined) return;
    const index = indexOf.get(hitId);
    if (index === undefined) return;
    setActiveId(hitId);
    list.current?.scrollTo(index);
  }, [hitId, indexOf]);

  const stage = useCallback((next: Draft) => app.setDraft(next), [app]);
  const toggle = (row: TreeRow, open = !row.expanded) => setOverrides(new Map(overrides).set(row.id, open));
  const refocus = () => requestAnimationFrame(() => list.current?.focus());
  const go = (index: number) => {
    const row = rows[index];
    if (row === undefined) return;
    setActiveId(row.id);
    list.current?.scrollTo(index);
  };

  const edit = (row: TreeRow) => {
    if (readOnly !== null || row.status === 'deleted') return;
    if (editText(row.node) !== undefined && isEnterable(row.node.t)) setEditing({ id: row.id, what: 'value' });
    else setAsText(row);
  };
  const open = (index: number) => {
    const row = rows[index];
    if (row === undefined || editing !== null) return;
    if (row.children > 0) toggle(row);
    else edit(row);
  };
  const remove = (row: TreeRow) => {
    if (readOnly === null && row.path.length > 0) stage(removeRow(draft, row));
  };
  const add = (row: TreeRow) => {
    if (readOnly !== null) return;
    if (canHold(row.node)) setAdding({ row });
    else {
      const parent = parentOf(rows, rows.indexOf(row));
      if (parent !== undefined) setAdding({ row: parent });
    }
  };

  const onKey = (event: KeyboardEvent<HTMLElement>, index: number) => {
    const row = rows[index];
    if (row === undefined) return;
    const mod = event.ctrlKey || event.metaKey;
    const handled = () => event.preventDefault();
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      handled();
      if (readOnly === null) stage(moveRow(draft, row, event.key === 'ArrowUp' ? -1 : 1));
    } else if (mod && event.key.toLowerCase() === 'c') {
      handled();
      void app.copy(copyText(row.node));
    } else if (mod || event.altKey) return;
    else if (event.key === 'ArrowRight') {
      handled();
      if (row.children > 0 && !row.expanded) toggle(row, true);
      else if (row.expanded) go(index + 1);
    } else if (event.key === 'ArrowLeft') {
      handled();
      if (row.expanded) toggle(row, false);
      else {
        const parent = parentOf(rows, index);
        if (parent !== undefined) go(rows.indexOf(parent));
      }
    } else if (event.key === 'F2') {
      handled();
      if (event.shiftKey && row.step?.kind === 'key' && readOnly === null) setEditing({ id: row.id, what: 'key' });
      else edit(row);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      handled();
      remove(row);
    } else if (event.key === 'Insert' || event.key === '+') {
      handled();
      add(row);
    }
  };

  const commit = (row: TreeRow, what: Editing['what'], value: TypedNode) => {
    stage(what === 'key' ? renameRow(draft, row, value) : setRow(draft, row, value));
    setEditing(null);
    refocus();
  };

  return (
    <>
      <VirtualList
        handle={list}
        role="tree"
        label={t('data.tree')}
        testId="data-tree"
        count={rows.length}
        rowHeight={ROW}
        active={active}
        onActive={(index) => {
          const row = rows[index];
          setActiveId(row?.id ?? '');
          if (row !== undefined) app.ui({ place: { record: draftKey(draft.storeId, draft.id), path: row.path } });
        }}
        onOpen={open}
        onKey={onKey}
        rowKey={(index) => rows[index]?.id ?? index}
        rowProps={(index) => {
          const row = rows[index];
          return row === undefined
            ? {}
            : {
                'aria-level': row.depth + 1,
                'aria-setsize': row.siblings,
                'aria-posinset': row.position,
                ...(row.children > 0 ? { 'aria-expanded': row.expanded } : {}),
              };
        }}
        row={(index, isActive) => {
          const row = rows[index];
          if (row === undefined) return null;
          return (
            <TreeRowView
              row={row}
              draft={draft}
              active={isActive}
              hit={row.id === hitId}
              change={changes.get(row.id)}
              now={now}
              readOnly={readOnly !== null}
              editing={editing?.id === row.id ? editing.what : null}
              onToggle={() => toggle(row)}
              onCommit={(what, value) => commit(row, what, value)}
              onCancel={() => {
                setEditing(null);
                refocus();
              }}
              acts={{
                edit: () => edit(row),
                editText: () => setAsText(row),
                rename: () => setEditing({ id: row.id, what: 'key' }),
                add: () => add(row),
                addBefore: () => {
                  const parent = parentOf(rows, index);
                  if (parent !== undefined) setAdding({ row: parent, before: row });
                },
                remove: () => remove(row),
                move: (by) => stage(moveRow(draft, row, by)),
                stage,
                copy: (text) => void app.copy(text),
              }}
            />
          );
        }}
      />
      {adding !== null && (
        <AddDialog
          draft={draft}
          parent={adding.row}
          {...(adding.before === undefined ? {} : { before: adding.before })}
          onStage={(next) => {
            stage(next);
            setOverrides(new Map(overrides).set(adding.row.id, true));
            setAdding(null);
          }}
          onClose={() => setAdding(null)}
        />
      )}
      {asText !== null && (
        <RowTextDialog
          row={asText}
          title={formatPath(asText.path) || t('data.root')}
          readOnly={readOnly !== null}
          onStage={(value) => {
            stage(setRow(draft, asText, value));
            setAsText(null);
          }}
          onClose={() => setAsText(null)}
        />
      )}
    </>
  );
}

function parentOf(rows: readonly TreeRow[], index: number): TreeRow | undefined {
  const depth = rows[index]?.depth ?? 0;
  for (let i = index - 1; i >= 0; i--) {
    const row = rows[i];
    if (row !== undefined && row.depth < depth) return row;
  }
  return undefined;
}
