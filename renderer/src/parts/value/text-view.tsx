import { useMemo, useState } from 'react';
import { bytes } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { useApp } from '../../state/app.ts';
import { type Draft, staged } from '../../state/draft.ts';
import { editsBetween, fromPlainText, fromTypedText, toPlain } from '../../state/plain-text.ts';
import { Button } from '../../ui/button.tsx';
import { Radio, TextArea } from '../../ui/controls.tsx';

const MAX_TEXT = 2_000_000;

/** The whole record as text for bulk edits; what differs becomes staged changes, place by place. */
export function TextView({
  draft,
  readOnly,
  onStaged,
}: {
  draft: Draft;
  readOnly: string | null;
  onStaged: () => void;
}) {
  const t = useText();
  const app = useApp();
  const [form, setForm] = useState<'plain' | 'typed'>('plain');
  const original = useMemo(
    () => (form === 'typed' ? JSON.stringify(draft.base, null, 2) : toPlain(draft.base)),
    [form, draft.base],
  );
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const take = () => {
    try {
      const next = form === 'typed' ? fromTypedText(text ?? original) : fromPlainText(text ?? original, draft.base);
      const edits = editsBetween(draft.base, next);
      if (edits.length === 0) {
        setError(t('data.text.same'));
        return;
      }
      app.setDraft(staged(draft, edits));
      onStaged();
    } catch (reason) {
      setError(reason instanceof Error ? reason.message : String(reason));
    }
  };
  if (original.length > MAX_TEXT) {
    return <p className="text-view muted">{t('data.text.big', { size: bytes(original.length) })}</p>;
  }
  return (
    <div className="text-view">
      <div className="row wrapping">
        {(['plain', 'typed'] as const).map((one) => (
          <label key={one} className="check">
            <Radio
              name="text-form"
              checked={form === one}
              onChange={() => {
                setForm(one);
                setText(null);
                setError(null);
              }}
            />
            {t(`data.text.${one}`)}
          </label>
        ))}
        <span className="muted grow">{t('data.text.note')}</span>
      </div>
      <TextArea
        aria-label={t('data.text.label')}
        spellCheck={false}
        readOnly={readOnly !== null}
        value={text ?? original}
        data-testid="data-text"
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
      <div className="row">
        <Button disabled={readOnly !== null || text === null} data-testid="data-text-stage" onClick={take}>
          {t('data.text.stage')}
        </Button>
      </div>
    </div>
  );
}
