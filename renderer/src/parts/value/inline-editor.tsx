import { useEffect, useRef, useState } from 'react';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { useText } from '../../i18n/index.ts';
import { type Enterable, editText, enterable, isEnterable, parseValue } from '../../state/value-text.ts';
import { Input, Select } from '../../ui/controls.tsx';

/** One value on its line: text and type. Enter takes it over, Esc leaves it as it was; a wrong text is kept and named. */
export function InlineEditor({
  node,
  label,
  testId,
  onCommit,
  onCancel,
}: {
  node: TypedNode;
  label: string;
  testId: string;
  onCommit: (value: TypedNode) => void;
  onCancel: () => void;
}) {
  const t = useText();
  const [kind, setKind] = useState<Enterable>(isEnterable(node.t) ? node.t : 'str');
  const [text, setText] = useState(editText(node) ?? '');
  const [error, setError] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLFormElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const commit = () => {
    try {
      onCommit(parseValue(kind, text, node));
    } catch (reason) {
      setError(t('data.bad', { type: kind, why: reason instanceof Error ? reason.message : String(reason) }));
    }
  };
  return (
    <form
      ref={box}
      className="inline-edit"
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          onCancel();
        } else if (event.key === 'Enter') {
          event.preventDefault();
          event.stopPropagation();
          commit();
        }
      }}
      onBlur={(event) => {
        // Leaving the editor takes a good value over and drops a bad one, as a spreadsheet does.
        if (box.current?.contains(event.relatedTarget as Node | null) === true) return;
        try {
          onCommit(parseValue(kind, text, node));
        } catch {
          onCancel();
        }
      }}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      <Input
        ref={field}
        aria-label={label}
        aria-invalid={error !== null}
        value={text}
        spellCheck={false}
        autoComplete="off"
        data-testid={testId}
        onChange={(event) => {
          setText(event.target.value);
          setError(null);
        }}
      />
      <Select
        aria-label={t('type.change')}
        value={kind}
        data-testid={`${testId}-type`}
        onChange={(event) => {
          const next = event.target.value;
          if (isEnterable(next as TypedNode['t'])) setKind(next as Enterable);
          setError(null);
        }}
      >
        {enterable.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </Select>
      {error !== null && (
        <span className="inline-error" role="alert">
          {error}
        </span>
      )}
    </form>
  );
}
