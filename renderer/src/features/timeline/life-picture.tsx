import type { SessionDetail } from '../../../../core/model/app.ts';
import type { TimelineEntry } from '../../../../core/model/session.ts';
import { ago, clockTime, dateTime } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { lifePicture } from '../../state/timeline-view.ts';

const WIDTH = 1_000;
const LANES = { sent: 14, changed: 34, state: 54 } as const;
const AXIS = 66;

/** The life of a session at a glance: when it was sent, when it changed, and which clock runs out when. */
export function LifePicture({
  detail,
  entries,
  now,
}: {
  detail: SessionDetail;
  entries: readonly TimelineEntry[];
  now: number;
}) {
  const t = useText();
  const { firstSeen, clocks } = detail.summary;
  const sent = detail.flows.map(({ startedAt }) => startedAt);
  const { from, nowX, marks, ends } = lifePicture({ firstSeen, clocks, sent, entries }, now);
  const count = (kind: string) => marks.filter((mark) => mark.kind === kind).length;
  const endWords = ends.map(({ clock, at }) => `${t(`clock.${clock}`)} ${ago(at, now, t)}`);
  const says = [
    t('life.sent', { count: count('sent') }),
    t('life.changed', { count: count('changed') }),
    ...endWords,
  ].join(', ');
  return (
    <figure className="life" data-testid="life-picture">
      <div className="life-lanes" aria-hidden>
        <span>{t('life.lane.sent')}</span>
        <span>{t('life.lane.changed')}</span>
        <span>{t('life.lane.state')}</span>
      </div>
      <div className="life-main">
        <svg viewBox={`0 0 ${WIDTH} 72`} preserveAspectRatio="none" role="img" aria-label={says}>
          <rect className="future" x={nowX * WIDTH} y="0" width={(1 - nowX) * WIDTH} height={AXIS} />
          {Object.values(LANES).map((y) => (
            <line key={y} className="lane" x1="0" x2={WIDTH} y1={y} y2={y} />
          ))}
          {marks.map(({ kind, x, at }, index) => (
            <line
              // biome-ignore lint/suspicious/noArrayIndexKey: several may be of one moment and kind
              key={`${kind} ${at} ${index}`}
              className={`life-mark ${kind}`}
              x1={x * WIDTH}
              x2={x * WIDTH}
              y1={LANES[kind] - 7}
              y2={LANES[kind] + 7}
            />
          ))}
          {ends.map(({ clock, x, at }) => (
            <line
              key={clock}
              className={at <= now ? 'life-end over' : 'life-end'}
              x1={x * WIDTH}
              x2={x * WIDTH}
              y1="0"
              y2={AXIS}
            />
          ))}
          <line className="now" x1={nowX * WIDTH} x2={nowX * WIDTH} y1="0" y2={AXIS} />
        </svg>
        <figcaption className="life-words">
          <time title={dateTime(from)}>{clockTime(from)}</time>
          <span className="grow" />
          {endWords.length === 0 ? t('life.noClock') : endWords.join(' · ')}
        </figcaption>
      </div>
    </figure>
  );
}
