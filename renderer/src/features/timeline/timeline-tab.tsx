import {
  ArrowRight,
  Ban,
  Database,
  Eye,
  FilePen,
  FlaskConical,
  MapPin,
  Pencil,
  Plus,
  RefreshCw,
  Settings2,
  TriangleAlert,
  Unplug,
  XCircle,
} from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { SessionDetail } from '../../../../core/model/app.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import type { TimelineEntry } from '../../../../core/model/session.ts';
import { visible } from '../../../../core/model/visible.ts';
import { ago, dateTime, shortId } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { UndoQuestion } from '../../parts/undo-question.tsx';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { eventWords } from '../../state/event-words.ts';
import { entriesOf, TIMELINE_PARTS, type TimelinePart } from '../../state/timeline-view.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { Input } from '../../ui/controls.tsx';
import { Check } from '../../ui/field.tsx';
import { Differences, ProblemBox, useNow } from '../../ui/parts.tsx';
import { Segments } from '../../ui/segments.tsx';
import { LifePicture } from './life-picture.tsx';

const PAGE = 200;

const LOOK: Record<TimelineEntry['kind'], { Icon: typeof Eye; tone?: 'good' | 'bad' | 'accent' }> = {
  created: { Icon: Plus, tone: 'good' },
  seen: { Icon: Eye },
  state: { Icon: XCircle, tone: 'bad' },
  revived: { Icon: RefreshCw, tone: 'good' },
  follows: { Icon: ArrowRight, tone: 'accent' },
  lost: { Icon: Unplug, tone: 'bad' },
  alarm: { Icon: TriangleAlert, tone: 'bad' },
  'set-refused': { Icon: Ban, tone: 'bad' },
  'not-deleted': { Icon: TriangleAlert, tone: 'bad' },
  'lab-run': { Icon: FlaskConical },
  'record-found': { Icon: Database, tone: 'good' },
  'record-gone': { Icon: Unplug, tone: 'bad' },
  'data-changed': { Icon: FilePen },
  'attributes-changed': { Icon: Settings2 },
  'address-changed': { Icon: MapPin, tone: 'accent' },
  edited: { Icon: Pencil, tone: 'accent' },
  overwritten: { Icon: TriangleAlert, tone: 'bad' },
};

/** The life of the session, newest first. */
export function TimelineTab({ detail }: { detail: SessionDetail }) {
  const t = useText();
  const app = useApp();
  const { key } = detail.summary;
  const [entries, setEntries] = useState<readonly TimelineEntry[] | null>(null);
  const [more, setMore] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const now = useNow();
  const absolute = useAppState((state) => state.settings.absoluteTimes);
  const [part, setPart] = useState<TimelinePart>('all');
  const [find, setFind] = useState('');
  const seen = useMemo(() => entriesOf(entries ?? [], part, find), [entries, part, find]);

  // Every change of the session's detail may have added entries.
  // biome-ignore lint/correctness/useExhaustiveDependencies: detail is what announces new entries
  useEffect(() => {
    let stale = false;
    app.client.call('session.timeline', { key, limit: PAGE }).then(
      (answer) => {
        if (stale) return;
        const first = answer.entries.at(-1)?.seq ?? 0;
        setMore((was) => (answer.entries.length === PAGE ? true : was));
        setEntries((known) => [...answer.entries, ...(known ?? []).filter((entry) => entry.seq < first)]);
        setProblem(null);
      },
      (error) => !stale && setProblem(problemOf(error)),
    );
    return () => {
      stale = true;
    };
  }, [app, key, detail]);

  const older = useCallback(async () => {
    const before = entries?.at(-1)?.seq;
    if (before === undefined) return;
    const answer = await app.attempt(() => app.client.call('session.timeline', { key, before, limit: PAGE }));
    if (answer === undefined) return;
    setEntries((known) => [...(known ?? []), ...answer.entries]);
    setMore(answer.entries.length === PAGE);
  }, [app, entries, key]);

  if (problem !== null) {
    return (
      <div className="section">
        <ProblemBox problem={problem} />
      </div>
    );
  }
  if (entries === null) return <p className="empty muted">{t('common.loading')}</p>;
  if (entries.length === 0) return <p className="empty muted">{t('timeline.empty')}</p>;
  return (
    <section
      className="scroll"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label={t('timeline.label')}
    >
      <LifePicture detail={detail} entries={entries} now={now} />
      <div className="timeline-tools">
        <Segments
          label={t('timeline.part')}
          value={part}
          options={TIMELINE_PARTS.map((value) => ({ value, label: t(`timeline.part.${value}`) }))}
          onChange={setPart}
          testId="timeline-part"
        />
        <Input
          type="search"
          aria-label={t('timeline.find')}
          placeholder={t('timeline.find')}
          value={find}
          data-testid="timeline-find"
          onChange={(event) => setFind(event.target.value)}
        />
        <Check
          label={t('timeline.absolute')}
          checked={absolute}
          testId="timeline-absolute"
          onChange={(absoluteTimes) => app.remember({ absoluteTimes })}
        />
      </div>
      {seen.length === 0 && <p className="empty muted">{t('timeline.none')}</p>}
      <ol className="timeline" data-testid="timeline">
        {seen.map((entry, index) => (
          <Entry
            key={entry.seq}
            entry={entry}
            detail={detail}
            now={now}
            absolute={absolute}
            goesOn={entry.flowId !== undefined && seen[index - 1]?.flowId === entry.flowId}
          />
        ))}
      </ol>
      {more && (
        <div className="section">
          <Button onClick={() => void older()}>{t('timeline.more')}</Button>
        </div>
      )}
    </section>
  );
}

/** `goesOn`: of the same request as the entry above, whose time and flow are not said again. */
function Entry({
  entry,
  detail,
  now,
  absolute,
  goesOn,
}: {
  entry: TimelineEntry;
  detail: SessionDetail;
  now: number;
  absolute: boolean;
  goesOn: boolean;
}) {
  const t = useText();
  const app = useApp();
  const { Icon, tone } = LOOK[entry.kind];
  const record = detail.record ?? detail.summary.record;
  const canRestore = useAppState(
    (state) => record !== undefined && state.stores.find((one) => one.storeId === record.storeId)?.canWrite !== false,
  );
  const restore = async (snapshot: string) => {
    if (record === undefined) return;
    const { storeId, id } = record;
    const done = await app.attempt(() => app.client.call('record.restore', { storeId, id, snapshot }));
    if (done === undefined) return;
    app.notify({ level: 'info', message: t('timeline.restored'), actions: app.undoActions(done.editId) });
    void app.refreshDetail();
  };
  return (
    <li data-kind={entry.kind} data-same-flow={goesOn} data-testid="timeline-entry">
      <span className="icon" data-tone={tone}>
        <Icon size={11} aria-hidden />
      </span>
      <div className="stack">
        <div className="what">
          <strong>{entry.kind === 'state' ? t(`state.${entry.event.state}`) : t(`timeline.${entry.kind}`)}</strong>
          <What entry={entry} />
        </div>
        <div className="acts">
          {!goesOn && (
            <time
              className="muted"
              dateTime={new Date(entry.at).toISOString()}
              title={absolute ? ago(entry.at, now, t) : dateTime(entry.at)}
            >
              {absolute ? dateTime(entry.at) : ago(entry.at, now, t)}
            </time>
          )}
          {entry.flowId !== undefined && !goesOn && (
            <BareButton className="link" onClick={() => app.ui({ tab: 'flows', flowId: entry.flowId ?? null })}>
              {t('timeline.flow')}
            </BareButton>
          )}
          {'snapshot' in entry && entry.snapshot !== undefined && canRestore && (
            <Restore label={t('timeline.restore')} snapshot={entry.snapshot} restore={restore} />
          )}
          {'snapshot' in entry && 'before' in entry && entry.before !== undefined && canRestore && (
            <Restore label={t('timeline.restoreBefore')} snapshot={entry.before} restore={restore} />
          )}
          {entry.kind === 'edited' && (
            <BareButton
              className="link"
              onClick={() =>
                void (entry.undone
                  ? app.redo(entry.editId)
                  : app.undo(entry.editId, undefined, `timeline ${entry.seq}`))
              }
            >
              {entry.undone ? t('timeline.redo') : t('timeline.undo')}
            </BareButton>
          )}
        </div>
        {entry.kind === 'edited' && <UndoQuestion place={`timeline ${entry.seq}`} />}
        {entry.kind === 'data-changed' && <Differences differences={entry.differences} max={30} />}
        {(entry.kind === 'attributes-changed' || entry.kind === 'address-changed') && (
          <div className="mono wrap">
            <del className="was">{entry.before}</del> → <ins className="becomes">{entry.after}</ins>
          </div>
        )}
      </div>
    </li>
  );
}

function Restore({
  label,
  snapshot,
  restore,
}: {
  label: string;
  snapshot: string;
  restore: (snapshot: string) => Promise<void>;
}) {
  return (
    <BareButton className="link" data-testid="timeline-restore" onClick={() => void restore(snapshot)}>
      {label}
    </BareButton>
  );
}

function ShowSession({ sessionKey }: { sessionKey: string }) {
  const t = useText();
  const app = useApp();
  if (sessionKey === '') return null;
  return (
    <BareButton className="link" onClick={() => app.select(sessionKey)}>
      {t('timeline.show')}
    </BareButton>
  );
}

function What({ entry }: { entry: TimelineEntry }) {
  const t = useText();
  switch (entry.kind) {
    case 'state':
      return (
        <span className="wrap">
          {eventWords(entry.event, t)} {'as' in entry.event && <ShowSession sessionKey={entry.event.as} />}
        </span>
      );
    case 'revived':
      return <span>{t('timeline.revived.from', { state: t(`state.${entry.from}`) })}</span>;
    case 'follows':
      return (
        <span>
          {t(`timeline.follows.${entry.how}`, { id: shortId(entry.from) })} <ShowSession sessionKey={entry.key} />
        </span>
      );
    case 'lost':
      return (
        <span className="wrap" lang="en">
          {visible(entry.loss.answer)}
        </span>
      );
    case 'alarm':
      return (
        <span className="wrap" lang="en">
          {visible(entry.alarm.sentence)}
        </span>
      );
    case 'set-refused':
      return (
        <span className="wrap">
          {entry.reasons.join('; ')} <code>{entry.setCookie}</code>
        </span>
      );
    case 'not-deleted':
      return (
        <span className="wrap">
          {t('timeline.not-deleted.text')} <code>{entry.setCookie}</code> ≠ <code>{entry.cookie}</code>
        </span>
      );
    case 'lab-run':
      return (
        <span>
          {t('timeline.lab-run.changes', { count: entry.changes })};{' '}
          {t(entry.same ? 'timeline.lab-run.same' : 'timeline.lab-run.differs')}
        </span>
      );
    case 'edited':
      return (
        <span className="wrap">
          {entry.what} {entry.undone && <span className="tag">{t('timeline.edited.undone')}</span>}
        </span>
      );
    case 'overwritten':
      return <span className="wrap">{t('timeline.by', { who: entry.by })}</span>;
    default:
      return null;
  }
}
