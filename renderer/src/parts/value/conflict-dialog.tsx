import { useMemo, useState } from 'react';
import { diff } from '../../../../core/codec/diff.ts';
import type { Edit } from '../../../../core/model/path.ts';
import type { RecordView } from '../../../../core/model/session.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { useText } from '../../i18n/index.ts';
import { type MergeItem, mergedEdits, mergeItems } from '../../state/merge.ts';
import { inline, keyText } from '../../state/value-text.ts';
import { Button } from '../../ui/button.tsx';
import { Radio } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Differences, DifferenceValues } from '../../ui/parts.tsx';

/** Both sides of a record that changed under an edit: a choice for every value, applied to the record as it is now. */
export function ConflictDialog({
  base,
  mine,
  current,
  onMerge,
  onTheirs,
  onClose,
}: {
  base: TypedNode;
  mine: readonly Edit[];
  current: RecordView;
  onMerge: (edits: readonly Edit[]) => void;
  onTheirs: () => void;
  onClose: () => void;
}) {
  const t = useText();
  const now = current.value;
  const initial = useMemo(() => mergeItems(mine, now === null ? [] : diff(base, now)), [base, mine, now]);
  const [items, setItems] = useState<readonly MergeItem[]>(initial);
  const choose = (at: string, choice: MergeItem['choice']) =>
    setItems(items.map((item) => (item.at === at && item.mine !== undefined ? { ...item, choice } : item)));
  const all = (choice: MergeItem['choice']) =>
    setItems(items.map((item) => (item.mine === undefined ? item : { ...item, choice })));
  const apply = () => {
    const edits = now === null ? [] : mergedEdits(items, now);
    if (edits.length === 0) onTheirs();
    else onMerge(edits);
  };
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={t('conflict.title')}
      description={t('conflict.text')}
      testId="conflict-dialog"
      foot={
        <>
          <Button onClick={() => all('mine')}>{t('conflict.allMine')}</Button>
          <Button onClick={() => all('theirs')}>{t('conflict.allTheirs')}</Button>
          <span className="grow" />
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button variant="primary" data-testid="conflict-apply" onClick={apply}>
            {t('conflict.apply')}
          </Button>
        </>
      }
    >
      <table className="merge">
        <thead>
          <tr>
            <th scope="col">{t('conflict.path')}</th>
            <th scope="col">{t('conflict.mine')}</th>
            <th scope="col">{t('conflict.theirs')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.at}>
              <td>{item.at === '' ? t('data.root') : item.at}</td>
              <td>
                {item.mine === undefined ? (
                  <span className="muted">{t('conflict.untouched')}</span>
                ) : (
                  <Choice item={item} side="mine" onChoose={choose}>
                    <MineText edit={item.mine} />
                  </Choice>
                )}
              </td>
              <td>
                {item.mine === undefined ? (
                  <Theirs item={item} />
                ) : (
                  <Choice item={item} side="theirs" onChoose={choose}>
                    {item.theirs.length === 0 ? (
                      <span className="muted">{t('conflict.untouched')}</span>
                    ) : (
                      <Theirs item={item} />
                    )}
                  </Choice>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}

function Theirs({ item }: { item: MergeItem }) {
  const [only] = item.theirs;
  if (item.theirs.length === 1 && only !== undefined && only.at === item.at) {
    return <DifferenceValues difference={only} />;
  }
  return <Differences differences={item.theirs} />;
}

function Choice({
  item,
  side,
  onChoose,
  children,
}: {
  item: MergeItem;
  side: 'mine' | 'theirs';
  onChoose: (at: string, side: 'mine' | 'theirs') => void;
  children: React.ReactNode;
}) {
  return (
    <label className="check">
      <Radio
        name={`merge-${item.at}`}
        checked={item.choice === side}
        data-testid={`conflict-${side}-${item.at}`}
        onChange={() => onChoose(item.at, side)}
      />
      <span>{children}</span>
    </label>
  );
}

function MineText({ edit }: { edit: Edit }) {
  const t = useText();
  switch (edit.op) {
    case 'set':
    case 'insert':
      return <ins className="becomes">{inline(edit.value)}</ins>;
    case 'delete':
      return <span>{t('conflict.removed')}</span>;
    case 'rename':
      return <span>{t('data.staged.renamed', { to: keyText(edit.key) })}</span>;
    default:
      return <span>{t('data.staged.moved', { to: edit.to + 1 })}</span>;
  }
}
