import { ChevronRight, MoreHorizontal } from 'lucide-react';
import { formatPath } from '../../../../core/codec/path.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { span } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { type Draft, unstage } from '../../state/draft.ts';
import type { TreeRow } from '../../state/tree-rows.ts';
import { isMapping, isSequence } from '../../state/typed-edit.ts';
import { inline, keyText } from '../../state/value-text.ts';
import { BareButton } from '../../ui/button.tsx';
import { Menu, type MenuEntry } from '../../ui/menu.tsx';
import { Value } from '../../ui/parts.tsx';
import { InlineEditor } from './inline-editor.tsx';
import { canHold, copyText } from './node-text.ts';
import { setRow } from './tree-acts.ts';
import type { Change } from './use-changes.ts';

export interface RowActs {
  edit(): void;
  editText(): void;
  rename(): void;
  add(): void;
  addBefore(): void;
  remove(): void;
  move(by: -1 | 1): void;
  stage(draft: Draft): void;
  copy(text: string): void;
}

interface Props {
  readonly row: TreeRow;
  readonly draft: Draft;
  readonly active: boolean;
  readonly hit: boolean;
  readonly change: Change | undefined;
  readonly now: number;
  readonly readOnly: boolean;
  readonly editing: 'value' | 'key' | null;
  readonly onToggle: () => void;
  readonly onCommit: (what: 'value' | 'key', value: TypedNode) => void;
  readonly onCancel: () => void;
  readonly acts: RowActs;
}

const CHANGED_MS = 60_000;

export function TreeRowView(props: Props) {
  const t = useText();
  const { row, active, hit, change, now, editing } = props;
  const path = formatPath(row.path);
  const fresh = change !== undefined && now - change.at < CHANGED_MS;
  return (
    <div className="tree-row" data-active={active} data-status={row.status} data-hit={hit}>
      <div className="tree-key" style={{ paddingInlineStart: 6 + Math.min(row.depth, 24) * 14 }}>
        {row.children > 0 ? (
          <BareButton
            className="twist"
            data-open={row.expanded}
            tabIndex={-1}
            aria-hidden
            onClick={(event) => {
              event.stopPropagation();
              props.onToggle();
            }}
            onDoubleClick={(event) => event.stopPropagation()}
          >
            <ChevronRight size={14} aria-hidden />
          </BareButton>
        ) : (
          <span className="twist" />
        )}
        {editing === 'key' && row.step?.kind === 'key' ? (
          <InlineEditor
            node={row.renamedTo ?? row.step.key}
            label={t('data.keyOf', { path })}
            testId="key-input"
            onCommit={(value) => props.onCommit('key', value)}
            onCancel={props.onCancel}
          />
        ) : (
          <KeyName row={row} />
        )}
      </div>
      <div className="tree-type cut">{typeText(row.node)}</div>
      <div className="tree-value" data-testid={`node-${path}`}>
        {editing === 'value' ? (
          <InlineEditor
            node={row.node}
            label={t('data.editing', { path })}
            testId="node-input"
            onCommit={(value) => props.onCommit('value', value)}
            onCancel={props.onCancel}
          />
        ) : (
          <RowValue row={row} />
        )}
      </div>
      <div className="tree-end">
        {fresh && (
          <span className="changed-mark" data-testid="changed-mark">
            {change.before !== undefined && row.status === 'same' && (
              <span className="muted">
                {t('data.was')} {inline(change.before, 24)} ·{' '}
              </span>
            )}
            {t('data.changed', { span: span(Math.max(0, now - change.at), t) })}
          </span>
        )}
        <RowStatus row={row} />
        {active && <RowMenu {...props} path={path} />}
      </div>
    </div>
  );
}

function KeyName({ row }: { row: TreeRow }) {
  const t = useText();
  if (row.step === null) return <span className="name part cut">{t('data.root')}</span>;
  if (row.step.kind === 'index') {
    const index = row.status === 'inserted' ? '+' : row.step.index;
    return <span className="name index">{index}</span>;
  }
  if (row.step.kind === 'part') return <span className="name part cut">{row.step.part}</span>;
  const name = keyText(row.step.key);
  return (
    <span className="name cut" title={name}>
      {row.renamedTo === undefined ? (
        name
      ) : (
        <>
          <del className="was">{name}</del> <ins className="becomes">{keyText(row.renamedTo)}</ins>
        </>
      )}
    </span>
  );
}

function RowValue({ row }: { row: TreeRow }) {
  const t = useText();
  const shared = 'id' in row.node && row.node.t !== 'ref' && row.node.id !== undefined;
  return (
    <>
      {row.status === 'set' && row.before !== undefined && (
        <>
          <del className="was cut">{inline(row.before, 60)}</del>
          <span aria-hidden>→</span>
        </>
      )}
      {row.children > 0 && row.expanded ? (
        <span className="muted">{t('data.items', { count: row.children })}</span>
      ) : (
        <Value node={row.node} />
      )}
      {shared && (
        <span className="tag" title={t('data.sharedNote')}>
          #{(row.node as { id?: number }).id}
        </span>
      )}
      {row.node.t === 'ref' && <span className="muted cut">{t('data.refNote', { id: row.node.id })}</span>}
    </>
  );
}

function RowStatus({ row }: { row: TreeRow }) {
  const t = useText();
  const words: string[] = [];
  if (row.status !== 'same') words.push(t(`data.staged.${row.status}`));
  if (row.renamedTo !== undefined) words.push(t('data.staged.renamed', { to: keyText(row.renamedTo) }));
  if (row.movedTo !== undefined) words.push(t('data.staged.moved', { to: row.movedTo + 1 }));
  return words.length === 0 ? null : <span>{words.join(', ')}</span>;
}

/** The type, with the number of members of a container. */
function typeText(node: TypedNode): string {
  if (isMapping(node) || isSequence(node)) return `${node.t}(${node.v.length})`;
  return node.t === 'object' ? (node.class.split('.').at(-1) ?? 'object') : node.t;
}

function RowMenu({ row, draft, readOnly, acts, path }: Props & { path: string }) {
  const t = useText();
  const root = row.path.length === 0;
  const gone = row.status === 'deleted';
  const parentHolds = row.parent !== null && canHold(row.parent);
  const ordered = parentHolds && row.parent?.t !== 'set' && row.parent?.t !== 'frozenset' && row.origin.from === 'base';
  const entries: (MenuEntry | null)[] = readOnly
    ? []
    : [
        ...(row.edit === undefined
          ? []
          : [
              {
                id: 'unstage',
                label: t('data.unstage'),
                testId: 'row-unstage',
                run: () => acts.stage(unstage(draft, row.edit ?? -1)),
              },
              null,
            ]),
        { id: 'edit', label: t('data.edit'), keys: 'F2', disabled: gone, testId: 'row-edit', run: acts.edit },
        { id: 'text', label: t('data.editText'), disabled: gone, testId: 'row-edit-text', run: acts.editText },
        ...('id' in row.node && row.node.id !== undefined && row.before !== undefined
          ? [{ id: 'all', label: t('data.setAll'), run: () => acts.stage(setRow(draft, row, row.node, true)) }]
          : []),
        ...(row.step?.kind === 'key'
          ? [
              {
                id: 'rename',
                label: t('data.rename'),
                keys: 'Shift F2',
                disabled: gone,
                testId: 'row-rename',
                run: acts.rename,
              },
            ]
          : []),
        ...(canHold(row.node) || parentHolds
          ? [{ id: 'add', label: t('data.add'), keys: 'Insert', disabled: gone, testId: 'row-add', run: acts.add }]
          : []),
        ...(ordered
          ? [
              ...(row.step?.kind === 'index' ? [{ id: 'before', label: t('data.addHere'), run: acts.addBefore }] : []),
              {
                id: 'up',
                label: t('data.moveUp'),
                keys: 'Alt ↑',
                disabled: row.position === 1,
                run: () => acts.move(-1),
              },
              {
                id: 'down',
                label: t('data.moveDown'),
                keys: 'Alt ↓',
                disabled: row.position === row.siblings,
                run: () => acts.move(1),
              },
            ]
          : []),
        ...(root || !parentHolds
          ? []
          : [
              {
                id: 'remove',
                label: t('data.remove'),
                keys: 'Del',
                disabled: gone,
                testId: 'row-remove',
                run: acts.remove,
              },
            ]),
        null,
      ];
  return (
    <Menu
      className="icon-button row-menu"
      label={t('data.rowMenu', { path: path === '' ? t('data.root') : path })}
      trigger={<MoreHorizontal size={15} aria-hidden />}
      entries={[
        ...entries,
        { id: 'copy', label: t('data.copyValue'), keys: 'Ctrl C', run: () => acts.copy(copyText(row.node)) },
        { id: 'path', label: t('data.copyPath'), run: () => acts.copy(path) },
        { id: 'typed', label: t('data.copyTyped'), run: () => acts.copy(JSON.stringify(row.node)) },
      ]}
    />
  );
}
