import { useRef, useState } from 'react';
import { formatPath } from '../../../../core/codec/path.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { useText } from '../../i18n/index.ts';
import type { Draft } from '../../state/draft.ts';
import type { TreeRow } from '../../state/tree-rows.ts';
import { isMapping, sameNode } from '../../state/typed-edit.ts';
import { type Enterable, enterable, parseValue } from '../../state/value-text.ts';
import { Button } from '../../ui/button.tsx';
import { Input, Select } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { addTo } from './tree-acts.ts';

const KEY_TYPES = ['str', 'int', 'float', 'bool', 'none', 'bytes', 'date', 'datetime', 'decimal'] as const;

export function AddDialog({
  draft,
  parent,
  before,
  onStage,
  onClose,
}: {
  draft: Draft;
  parent: TreeRow;
  before?: TreeRow;
  onStage: (draft: Draft) => void;
  onClose: () => void;
}) {
  const t = useText();
  const mapping = isMapping(parent.node) ? parent.node : null;
  const [key, setKey] = useState('');
  const [keyType, setKeyType] = useState<Enterable>('str');
  const [type, setType] = useState<Enterable>('str');
  const [value, setValue] = useState('');
  const [error, setError] = useState<string | null>(null);
  const first = useRef<HTMLInputElement>(null);
  const parse = (kind: Enterable, text: string): TypedNode | null => {
    try {
      return parseValue(kind, text);
    } catch (reason) {
      setError(t('data.bad', { type: kind, why: reason instanceof Error ? reason.message : String(reason) }));
      return null;
    }
  };
  const add = () => {
    const node = parse(type, value);
    if (node === null) return;
    if (mapping === null) {
      const at = before?.step?.kind === 'index' ? before.step.index : null;
      onStage(addTo(draft, parent, null, at, node));
      return;
    }
    const name = parse(keyType, key);
    if (name === null) return;
    if (mapping.v.some(([known]) => sameNode(known, name))) setError(t('data.addExists'));
    else onStage(addTo(draft, parent, name, null, node));
  };
  const path = formatPath(parent.path);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('data.addTitle', { path: path === '' ? t('data.root') : path })}
      testId="add-dialog"
      initialFocus={first}
      foot={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" form="add-member" variant="primary" data-testid="add-submit">
            {t('common.add')}
          </Button>
        </>
      }
    >
      <form
        id="add-member"
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        {mapping !== null && (
          <div className="row">
            <label className="field grow">
              <span className="label">{t('data.addKey')}</span>
              <Input
                className="mono"
                ref={first}
                value={key}
                data-testid="add-key"
                onChange={(event) => setKey(event.target.value)}
              />
            </label>
            <TypeSelect types={KEY_TYPES} value={keyType} onChange={setKeyType} />
          </div>
        )}
        <div className="row">
          <label className="field grow">
            <span className="label">{t('data.addValue')}</span>
            <Input
              className="mono"
              {...(mapping === null ? { ref: first } : {})}
              value={value}
              data-testid="add-value"
              onChange={(event) => setValue(event.target.value)}
            />
          </label>
          <TypeSelect types={enterable} value={type} onChange={setType} testId="add-type" />
        </div>
        {error !== null && (
          <div className="bad" role="alert">
            {error}
          </div>
        )}
      </form>
    </Dialog>
  );
}

function TypeSelect({
  types,
  value,
  onChange,
  testId,
}: {
  types: readonly Enterable[];
  value: Enterable;
  onChange: (type: Enterable) => void;
  testId?: string;
}) {
  const t = useText();
  return (
    <label className="field">
      <span className="label">{t('data.addType')}</span>
      <Select value={value} data-testid={testId} onChange={(event) => onChange(event.target.value as Enterable)}>
        {types.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </Select>
    </label>
  );
}
