import { Undo2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { RequestOf } from '../../../../core/bridge/contract.ts';
import type { RecordApplied, RecordPreview } from '../../../../core/model/app.ts';
import type { Difference, Edit } from '../../../../core/model/path.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { bytes } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { type Draft, staged } from '../../state/draft.ts';
import { lastEdit, undo } from '../../state/undo.ts';
import { inline } from '../../state/value-text.ts';
import { Button } from '../../ui/button.tsx';
import { Differences, ProblemBox } from '../../ui/parts.tsx';
import { UndoQuestion } from '../undo-question.tsx';
import { ConflictDialog } from './conflict-dialog.tsx';

/** The bridge's type of the same edits has no readonly marks. */
const onWire = (edits: readonly Edit[]) => edits as unknown as RequestOf<'record.apply'>['edits'];

/** Where an undo that needs a choice asks for it. */
const PLACE = 'edit-bar';

type Conflict = Extract<RecordApplied, { outcome: 'conflict' }>;

/** `count: 3 → 41` */
function inOneLine({ at, before, after }: Difference): string {
  const side = (node: TypedNode | undefined) => (node === undefined ? '—' : inline(node, 40));
  return `${at}: ${side(before)} → ${side(after)}`;
}

/**
 * [preview n changes] [apply] [undo]. The preview opens above the bar; applying asks the engine for the difference
 * first and stops to show it when there is something to note. A record that changed meanwhile opens the merge.
 */
export function EditBar({
  draft,
  readOnly,
  sessionKey,
  onWritten,
}: {
  draft: Draft;
  readOnly: string | null;
  sessionKey?: string;
  onWritten?: () => void;
}) {
  const t = useText();
  const app = useApp();
  const [preview, setPreview] = useState<{ edits: readonly Edit[]; answer: RecordPreview } | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const count = draft.edits.length;
  const applied = useAppState(() => lastEdit(app, 'applied'));
  useEffect(() => {
    if (count === 0) {
      setPreview(null);
      setProblem(null);
    }
  }, [count]);

  const request = (edits: readonly Edit[], revision = draft.revision) => ({
    storeId: draft.storeId,
    id: draft.id,
    revision,
    edits: onWire(edits),
    ...(sessionKey === undefined ? {} : { sessionKey }),
  });
  const guarded = async (act: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  const ask = async (): Promise<RecordPreview> => {
    const answer = await app.client.call('record.preview', request(draft.edits));
    setPreview({ edits: draft.edits, answer });
    return answer;
  };
  const write = async (edits: readonly Edit[], revision: string, only?: Difference) => {
    const answer = await app.client.call('record.apply', request(edits, revision));
    if (answer.outcome === 'conflict') {
      setConflict(answer);
      return;
    }
    setConflict(null);
    if (answer.outcome === 'gone') {
      setProblem({ kind: 'gone', message: t('conflict.gone') });
      return;
    }
    app.dropDraft(draft.storeId, draft.id);
    setPreview(null);
    app.notify({
      level: 'info',
      message: t('data.written', {
        text: only === undefined ? t('data.changes', { count: edits.length }) : inOneLine(only),
      }),
      actions: app.undoActions(answer.editId),
    });
    await app.refreshDetail();
    onWritten?.();
  };
  const apply = () =>
    guarded(async () => {
      let answer = preview !== null && preview.edits === draft.edits ? preview.answer : null;
      if (answer === null) {
        // A stale revision is the merge's business, not a failed preview's.
        answer = await ask().catch((error) => {
          if (/changed|conflict|stale/.test(problemOf(error).kind)) return null;
          throw error;
        });
        if (answer !== null && answer.notes.length > 0) return;
      }
      const [only, ...more] = answer?.differences ?? [];
      await write(draft.edits, draft.revision, more.length === 0 ? only : undefined);
    });

  const shown = preview !== null && preview.edits === draft.edits ? preview.answer : null;
  const undoText =
    draft.past.length > 0
      ? t('data.unstage')
      : applied === undefined
        ? t('common.undo')
        : `${t('common.undo')}: ${applied.text}`;
  return (
    <>
      {(shown !== null || problem !== null) && (
        <section className="preview-panel stack" aria-label={t('data.preview', { count })} data-testid="preview-panel">
          {problem !== null && <ProblemBox problem={problem} />}
          {shown !== null && (
            <>
              <Differences differences={shown.differences} />
              {shown.notes.map((note) => (
                <ProblemBox key={note} level="warning" problem={{ kind: 'note', message: note }} />
              ))}
              <div className="muted">
                {t('data.bytes', { before: bytes(shown.bytesBefore), after: bytes(shown.bytesAfter) })}
              </div>
            </>
          )}
        </section>
      )}
      <UndoQuestion place={PLACE} {...(onWritten === undefined ? {} : { onDone: onWritten })} />
      <div className="edit-bar">
        {count > 0 && (
          <Button
            disabled={busy}
            data-testid="edit-preview"
            aria-expanded={shown !== null}
            onClick={() => (shown === null ? void guarded(async () => void (await ask())) : setPreview(null))}
          >
            {t('data.preview', { count })}
          </Button>
        )}
        <span className="muted hint cut">
          {readOnly !== null ? t('data.readOnly', { why: readOnly }) : count === 0 ? t('data.noChanges') : ''}
        </span>
        {count > 0 && (
          <Button variant="quiet" data-testid="edit-discard" onClick={() => app.setDraft(staged(draft, []))}>
            {t('data.revertAll')}
          </Button>
        )}
        <Button variant="primary" disabled={count === 0 || busy} data-testid="edit-apply" onClick={() => void apply()}>
          {shown !== null && shown.notes.length > 0 ? t('data.applyAnyway') : t('common.apply')}
        </Button>
        <Button
          disabled={busy || (draft.past.length === 0 && applied === undefined)}
          title={undoText}
          data-testid="edit-undo"
          onClick={() => void undo(app, PLACE).then(onWritten)}
        >
          <Undo2 size={14} aria-hidden />
          {t('common.undo')}
        </Button>
      </div>
      {conflict !== null && (
        <ConflictDialog
          key={conflict.current.revision}
          base={draft.base}
          mine={draft.edits}
          current={conflict.current}
          onMerge={(edits) => void guarded(() => write(edits, conflict.current.revision))}
          onTheirs={() => {
            setConflict(null);
            app.dropDraft(draft.storeId, draft.id);
            void app.refreshDetail().then(onWritten);
          }}
          onClose={() => {
            setConflict(null);
            void app.refreshDetail();
          }}
        />
      )}
    </>
  );
}
