import { ChevronDown, ChevronsDownUp, ChevronsUpDown, ChevronUp, Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { diff } from '../../../../core/codec/diff.ts';
import type { RecordView } from '../../../../core/model/session.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { draftKey } from '../../state/app-state.ts';
import { type Draft, newDraft } from '../../state/draft.ts';
import { containerIds } from '../../state/tree-rows.ts';
import { ancestorsOf, searchTree } from '../../state/tree-search.ts';
import { BareButton, Button, IconButton } from '../../ui/button.tsx';
import { Input } from '../../ui/controls.tsx';
import { ProblemBox } from '../../ui/parts.tsx';
import { DataTree } from './data-tree.tsx';
import { EditBar } from './edit-bar.tsx';
import { Keys, SignatureLine } from './keys.tsx';
import { TextView } from './text-view.tsx';
import { useChanges } from './use-changes.ts';
import { Warnings } from './warnings.tsx';

const EXPAND_LIMIT = 200_000;

/** A decoded record: its tree, what is staged, and the way to the store. Used for sessions and for single records. */
export function RecordEditor({
  record,
  sessionKey,
  onWritten,
}: {
  record: RecordView;
  sessionKey?: string;
  onWritten?: () => void;
}) {
  const t = useText();
  if (record.value === null) {
    return (
      <div className="section">
        <ProblemBox problem={record.error ?? { kind: 'undecoded', message: t('data.notDecoded') }}>
          <div>{t('data.notDecoded.text')}</div>
        </ProblemBox>
        <RecordKeys record={record} />
        <Warnings record={record} />
      </div>
    );
  }
  return (
    <Editor
      key={draftKey(record.storeId, record.id)}
      record={record as RecordView & { value: TypedNode }}
      {...(sessionKey === undefined ? {} : { sessionKey })}
      {...(onWritten === undefined ? {} : { onWritten })}
    />
  );
}

function Editor({
  record,
  sessionKey,
  onWritten,
}: {
  record: RecordView & { value: TypedNode };
  sessionKey?: string;
  onWritten?: () => void;
}) {
  const t = useText();
  const app = useApp();
  const [view, setView] = useState<'tree' | 'text'>('tree');
  const [query, setQuery] = useState('');
  const [hit, setHit] = useState(0);
  const [overrides, setOverrides] = useState<ReadonlyMap<string, boolean>>(new Map());
  const stored = useAppState((state) => state.drafts.get(draftKey(record.storeId, record.id)));
  const draft = useMemo(() => currentDraft(stored, record), [stored, record]);
  const canWrite = useAppState(
    (state) => state.stores.find((one) => one.storeId === record.storeId)?.canWrite !== false,
  );
  const changes = useChanges(record);
  const theirs = useMemo(
    () => (draft.revision === record.revision ? 0 : diff(draft.base, record.value, { max: 1_000 }).length),
    [draft, record],
  );
  const hits = useMemo(() => searchTree(draft.base, query), [draft.base, query]);
  const hitId = hits[hit];

  // The tree opens what hides the hit.
  const wantedHit = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (hitId === undefined || wantedHit.current === hitId) return;
    wantedHit.current = hitId;
    setOverrides((now) => new Map([...now, ...ancestorsOf(draft.base, hitId).map((id) => [id, true] as const)]));
  }, [hitId, draft.base]);

  const readOnly = !canWrite ? t('data.storeReadOnly') : null;
  const step = (by: number) => hits.length > 0 && setHit((hit + by + hits.length) % hits.length);

  return (
    <>
      <RecordKeys record={record} />
      <div className="data-tools">
        {/* biome-ignore lint/a11y/useSemanticElements: two states of one view */}
        <span className="segments" role="group" aria-label={t('tab.data')}>
          {(['tree', 'text'] as const).map((one) => (
            <BareButton
              key={one}
              aria-pressed={view === one}
              data-testid={`data-view-${one}`}
              onClick={() => setView(one)}
            >
              {t(`data.view.${one}`)}
            </BareButton>
          ))}
        </span>
        {view === 'tree' && (
          <>
            <span className="search">
              <Search size={13} aria-hidden />
              <Input
                aria-label={t('data.search')}
                placeholder={t('data.search')}
                value={query}
                data-testid="data-search"
                onChange={(event) => {
                  setQuery(event.target.value);
                  setHit(0);
                }}
                onKeyDown={(event) => {
                  if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
                  if (event.key === 'Escape') setQuery('');
                }}
              />
            </span>
            {query !== '' && (
              <>
                <span className="muted" role="status">
                  {t('data.search.count', { count: hits.length })}
                </span>
                <Tool
                  label={t('data.search.previous')}
                  onClick={() => step(-1)}
                  icon={<ChevronUp size={15} aria-hidden />}
                />
                <Tool
                  label={t('data.search.next')}
                  onClick={() => step(1)}
                  icon={<ChevronDown size={15} aria-hidden />}
                />
              </>
            )}
            <span className="grow" />
            <span className="peel">{record.layers.join(' → ')}</span>
            <Tool
              label={t('data.expandAll')}
              onClick={() => setOverrides(new Map([...containerIds(draft.base, EXPAND_LIMIT)].map((id) => [id, true])))}
              icon={<ChevronsUpDown size={15} aria-hidden />}
            />
            <Tool
              label={t('data.collapseAll')}
              onClick={() =>
                setOverrides(new Map([...containerIds(draft.base, EXPAND_LIMIT)].map((id) => [id, id === ''])))
              }
              icon={<ChevronsDownUp size={15} aria-hidden />}
            />
          </>
        )}
      </div>
      <Warnings record={record} />
      {theirs > 0 && (
        <div className="bar-notice" role="status" data-testid="theirs">
          <span className="grow">{t('data.theirs', { count: theirs })}</span>
          <Button small onClick={() => app.dropDraft(record.storeId, record.id)}>
            {t('data.theirs.load')}
          </Button>
        </div>
      )}
      {view === 'tree' ? (
        <DataTree
          draft={draft}
          readOnly={readOnly}
          changes={changes}
          overrides={overrides}
          setOverrides={setOverrides}
          hitId={hitId}
        />
      ) : (
        <TextView draft={draft} readOnly={readOnly} onStaged={() => setView('tree')} />
      )}
      <EditBar
        draft={draft}
        readOnly={readOnly}
        {...(sessionKey === undefined ? {} : { sessionKey })}
        {...(onWritten === undefined ? {} : { onWritten })}
      />
    </>
  );
}

function Tool({ label, onClick, icon }: { label: string; onClick: () => void; icon: React.ReactNode }) {
  return (
    <IconButton aria-label={label} title={label} onClick={onClick}>
      {icon}
    </IconButton>
  );
}

/** What is staged stays on the value it was staged on; without staged changes the newest record is the base. */
function currentDraft(stored: Draft | undefined, record: RecordView & { value: TypedNode }): Draft {
  if (stored === undefined) return newDraft(record);
  if (stored.edits.length > 0 || stored.revision === record.revision) return stored;
  return newDraft(record);
}

/** The state of a record's signature, and the keys of its store where they matter. */
function RecordKeys({ record }: { record: RecordView }) {
  const app = useApp();
  const { signature, error, storeId } = record;
  if (signature === undefined && error?.kind !== 'needs-secret' && error?.kind !== 'wrong-key') return null;
  return (
    <div className="section">
      {signature !== undefined && <SignatureLine signature={signature} />}
      <Keys place={`store ${storeId}`} onChange={() => void app.refreshDetail()} />
    </div>
  );
}
