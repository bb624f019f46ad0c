import { useCallback, useEffect, useRef, useState } from 'react';
import type { RecordRow, StoreInfo } from '../../../../core/model/app.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { visible } from '../../../../core/model/visible.ts';
import { bytes, dateTime } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { Input } from '../../ui/controls.tsx';
import { ProblemBox } from '../../ui/parts.tsx';
import { VirtualList } from '../../ui/virtual-list.tsx';

const PAGE = 200;
/** So many rows are asked for again when the store changes under a user who has scrolled down. */
const MOST_AGAIN = 2_000;

/** A store's records; pages are asked for as the user scrolls. */
export function RecordsList({
  store,
  selected,
  onSelect,
}: {
  store: StoreInfo;
  selected: string | null;
  onSelect: (id: string) => void;
}) {
  const t = useText();
  const app = useApp();
  const [rows, setRows] = useState<readonly RecordRow[]>([]);
  const [total, setTotal] = useState<number | null>(null);
  const [filter, setFilter] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const turn = useRef(0);
  const shown = useRef(0);
  shown.current = rows.length;
  const activity = useAppState((state) => state.edits);

  const load = useCallback(
    async (offset: number, limit: number) => {
      const mine = ++turn.current;
      try {
        const wanted = filter.trim();
        const answer = await app.client.call('stores.records', {
          storeId: store.storeId,
          offset,
          limit,
          ...(wanted === '' ? {} : { filter: wanted }),
        });
        if (mine !== turn.current) return;
        setRows((known) => [...known.slice(0, offset), ...answer.rows]);
        setTotal(answer.total);
        setProblem(null);
      } catch (error) {
        if (mine === turn.current) setProblem(problemOf(error));
      }
    },
    [app, store.storeId, filter],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: an edit or a new count of the store asks for the rows again
  useEffect(() => {
    void load(0, Math.min(MOST_AGAIN, Math.max(PAGE, shown.current)));
  }, [load, store.records, store.changes, activity]);
  const more = useCallback(() => {
    if (total !== null && rows.length < total) void load(rows.length, PAGE);
  }, [load, rows.length, total]);

  return (
    <>
      <div className="data-tools">
        <h3>{t('stores.records')}</h3>
        <Input
          className="grow"
          aria-label={t('stores.records.filter')}
          placeholder={t('stores.records.filter')}
          value={filter}
          data-testid="records-filter"
          onChange={(event) => setFilter(event.target.value)}
        />
        <span className="muted nowrap" role="status">
          {total === null ? '' : t('stores.records.count', { count: total })}
        </span>
      </div>
      {problem !== null && (
        <div className="section">
          <ProblemBox problem={problem} />
        </div>
      )}
      {total === 0 ? (
        <p className="empty muted">
          {filter.trim() === '' ? t('stores.records.empty') : t('stores.records.emptyFiltered')}
        </p>
      ) : (
        <>
          <div className="record-head" aria-hidden>
            <span>{t('stores.col.id')}</span>
            <span>{t('stores.col.label')}</span>
            <span>{t('stores.col.lastUsed')}</span>
            <span className="num">{t('stores.col.bytes')}</span>
          </div>
          <VirtualList
            role="listbox"
            label={t('stores.records')}
            testId="records"
            count={rows.length}
            rowHeight={28}
            active={rows.findIndex((row) => row.id === selected)}
            onActive={(index) => {
              const row = rows[index];
              if (row !== undefined) onSelect(row.id);
            }}
            onNearEnd={more}
            rowKey={(index) => rows[index]?.id ?? index}
            rowProps={(index) => ({ 'data-testid': 'record-row', 'data-record': rows[index]?.id })}
            row={(index) => {
              const row = rows[index];
              if (row === undefined) return null;
              return (
                <div className="record-row">
                  <span className="mono cut" title={visible(row.id)}>
                    {visible(row.id)}
                  </span>
                  <span className={`cut ${row.problem === undefined ? '' : 'bad'}`}>
                    {row.sessionKey !== undefined && <span className="tag good">{t('stores.sighted')}</span>}{' '}
                    {visible(row.problem?.message ?? row.label ?? '')}
                  </span>
                  <span className="muted cut">
                    {row.lastUsed === null ? t('common.unknown') : dateTime(row.lastUsed)}
                  </span>
                  <span className="muted num">{bytes(row.bytes)}</span>
                </div>
              );
            }}
          />
        </>
      )}
    </>
  );
}
