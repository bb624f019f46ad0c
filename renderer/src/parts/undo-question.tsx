import { Undo2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useText } from '../i18n/index.ts';
import { useApp, useAppState } from '../state/app.ts';
import { Button } from '../ui/button.tsx';

/**
 * Why an edit is not undone yet, and both ways to do it, where undo was pressed: the application has gone on from what
 * was edited.
 */
export function UndoQuestion({ place, onDone }: { place: string; onDone?: () => void }) {
  const t = useText();
  const app = useApp();
  const question = useAppState((state) => (state.undoQuestion?.place === place ? state.undoQuestion : null));
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (question !== null) first.current?.focus();
  }, [question]);
  if (question === null) return null;
  const choose = (how: 'mine' | 'whole') => void app.undo(question.editId, how, place).then(onDone);
  const close = () => app.set({ undoQuestion: null });
  return (
    <section
      className="preview-panel stack"
      aria-label={t('undo.why')}
      data-testid="undo-question"
      onKeyDown={(event) => event.key === 'Escape' && close()}
    >
      <strong className="row">
        <Undo2 size={14} aria-hidden />
        {t('undo.why')}
      </strong>
      <span>{t('undo.why.text', { text: question.text })}</span>
      <div className="row wrapping">
        <Button ref={first} small title={t('undo.mine.text')} data-testid="undo-mine" onClick={() => choose('mine')}>
          {t('undo.mine')}
        </Button>
        <Button small title={t('undo.whole.text')} data-testid="undo-whole" onClick={() => choose('whole')}>
          {t('undo.whole')}
        </Button>
        <Button small variant="quiet" onClick={close}>
          {t('common.cancel')}
        </Button>
      </div>
      <span className="muted">
        {t('undo.mine')}: {t('undo.mine.text')} {t('undo.whole')}: {t('undo.whole.text')}
      </span>
    </section>
  );
}
