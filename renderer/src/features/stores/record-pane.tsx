import { Trash2 } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import type { Problem } from '../../../../core/model/problem.ts';
import type { RecordView } from '../../../../core/model/session.ts';
import { shortId } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { RawRecord } from '../../parts/raw/raw-tab.tsx';
import { RecordEditor } from '../../parts/value/record-editor.tsx';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { BareButton, Button, IconButton } from '../../ui/button.tsx';
import { CopyButton, Empty, ProblemBox } from '../../ui/parts.tsx';

/** One record of a store, edited as a session's data is. */
export function RecordPane({ storeId, id }: { storeId: string; id: string }) {
  const t = useText();
  const app = useApp();
  const [record, setRecord] = useState<RecordView | null | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [view, setView] = useState<'data' | 'raw'>('data');
  const [asking, setAsking] = useState(false);
  const edits = useAppState((state) => state.edits);
  const sessionKey = useAppState((state) => {
    for (const session of state.sessions.rows.values()) {
      if (session.record?.storeId === storeId && session.record.id === id) return session.key;
    }
    return undefined;
  });
  const activity = useAppState((state) =>
    sessionKey === undefined ? 0 : (state.sessions.rows.get(sessionKey)?.lastActivity ?? 0),
  );
  const load = useCallback(async () => {
    try {
      const answer = await app.client.call('record.get', { storeId, id });
      setRecord(answer.record);
      setProblem(null);
    } catch (error) {
      setProblem(problemOf(error));
    }
  }, [app, storeId, id]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: edits and activity announce that the record may differ
  useEffect(() => {
    void load();
  }, [load, edits, activity]);

  if (problem !== null) {
    return (
      <div className="section">
        <ProblemBox problem={problem} />
      </div>
    );
  }
  if (record === undefined) return <p className="empty muted">{t('common.loading')}</p>;
  if (record === null) return <Empty title={t('stores.record.gone')} />;
  const remove = async () => {
    setAsking(false);
    const done = await app.attempt(() => app.client.call('record.remove', { storeId, id, revision: record.revision }));
    if (done === undefined) return;
    app.notify({
      level: 'info',
      message: t('stores.removed', { id: shortId(id) }),
      actions: app.undoActions(done.editId),
    });
  };
  return (
    <section className="pane" aria-label={t('stores.record')} data-testid="record-pane">
      <div className="pane-head">
        <h2 className="mono cut" title={id}>
          {id}
        </h2>
        <CopyButton value={id} label={t('inspector.copyId')} small />
        <span className="grow" />
        {/* biome-ignore lint/a11y/useSemanticElements: two states of one view */}
        <span className="segments" role="group" aria-label={t('stores.record')}>
          {(['data', 'raw'] as const).map((one) => (
            <BareButton key={one} aria-pressed={view === one} onClick={() => setView(one)}>
              {t(`tab.${one}`)}
            </BareButton>
          ))}
        </span>
        {sessionKey !== undefined && (
          <Button small onClick={() => app.select(sessionKey, 'data')}>
            {t('stores.openSession')}
          </Button>
        )}
        {asking ? (
          <span className="row">
            <span>{t('stores.removeAsk')}</span>
            <Button variant="danger" small data-testid="record-remove-confirm" onClick={() => void remove()}>
              {t('common.remove')}
            </Button>
            <Button variant="quiet" small onClick={() => setAsking(false)}>
              {t('common.cancel')}
            </Button>
          </span>
        ) : (
          <IconButton
            aria-label={t('common.remove')}
            title={t('common.remove')}
            data-testid="record-remove"
            onClick={() => setAsking(true)}
          >
            <Trash2 size={15} aria-hidden />
          </IconButton>
        )}
      </div>
      {view === 'data' ? (
        <RecordEditor
          record={record}
          {...(sessionKey === undefined ? {} : { sessionKey })}
          onWritten={() => void load()}
        />
      ) : (
        <RawRecord key={id} record={record} onLayers={() => void load()} />
      )}
    </section>
  );
}
