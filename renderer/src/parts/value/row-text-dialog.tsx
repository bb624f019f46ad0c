import { useRef, useState } from 'react';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { useText } from '../../i18n/index.ts';
import { fromPlainText, fromTypedText, toPlain } from '../../state/plain-text.ts';
import type { TreeRow } from '../../state/tree-rows.ts';
import { Button } from '../../ui/button.tsx';
import { Select, TextArea } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';

const EXACT = new Set<TypedNode['t']>(['dict', 'storage', 'ordereddict', 'list', 'tuple']);

/** One value as text, for what does not fit on a line: containers as plain or typed JSON, texts as they are. */
export function RowTextDialog({
  row,
  title,
  readOnly,
  onStage,
  onClose,
}: {
  row: TreeRow;
  title: string;
  readOnly: boolean;
  onStage: (value: TypedNode) => void;
  onClose: () => void;
}) {
  const t = useText();
  const isText = row.node.t === 'str' && row.node.cp === undefined;
  const [form, setForm] = useState<'plain' | 'typed'>(isText || EXACT.has(row.node.t) ? 'plain' : 'typed');
  const write = (as: 'plain' | 'typed') =>
    as === 'typed' ? JSON.stringify(row.node, null, 2) : row.node.t === 'str' ? row.node.v : toPlain(row.node);
  const [text, setText] = useState(() => write(form));
  const [error, setError] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const take = () => {
    try {
      const plain = () => (isText ? { t: 'str' as const, v: text } : fromPlainText(text, row.node));
      onStage(form === 'typed' ? fromTypedText(text) : plain());
    } catch (reason) {
      setError(reason instanceof Error ? reason.message : String(reason));
    }
  };
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={title}
      testId="text-dialog"
      initialFocus={field}
      foot={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button variant="primary" disabled={readOnly} data-testid="text-take" onClick={take}>
            {t('data.text.stage')}
          </Button>
        </>
      }
    >
      <label className="field">
        <span className="label">{t('data.text.label')}</span>
        <Select
          value={form}
          onChange={(event) => {
            const next = event.target.value === 'typed' ? 'typed' : 'plain';
            setForm(next);
            setText(write(next));
          }}
        >
          <option value="plain">{isText ? 'str' : t('data.text.plain')}</option>
          <option value="typed">{t('data.text.typed')}</option>
        </Select>
      </label>
      <TextArea
        className="mono"
        aria-label={title}
        ref={field}
        rows={16}
        spellCheck={false}
        value={text}
        data-testid="text-input"
        onChange={(event) => {
          setText(event.target.value);
          setError(null);
        }}
      />
      {error !== null && (
        <div className="bad" role="alert">
          {error}
        </div>
      )}
    </Dialog>
  );
}
