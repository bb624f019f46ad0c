import { useEffect, useState } from 'react';
import type { Flow } from '../../../../core/model/flow.ts';
import type { FrameView } from '../../../../core/model/proxy-settings.ts';
import { bytes, clockTime } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { useApp } from '../../state/app.ts';
import { FrameRow } from './frame-row.tsx';

const POLL_MS = 1_000;

/** The frames that were kept of a WebSocket, with their direction; while it is open, new ones come along. */
export function FlowFrames({ flow }: { flow: Flow }) {
  const t = useText();
  const app = useApp();
  const [seen, setSeen] = useState<{ frames: readonly FrameView[]; total: number } | null>(null);
  const { id, endedAt } = flow;
  useEffect(() => {
    let stale = false;
    const look = () =>
      app.client.call('flow.frames', { id }).then(
        (answer) => !stale && setSeen(answer),
        () => {
          // The flow's own problem is shown above; frames alone say nothing more.
        },
      );
    void look();
    const timer = endedAt === undefined ? setInterval(() => void look(), POLL_MS) : undefined;
    return () => {
      stale = true;
      clearInterval(timer);
    };
  }, [app, id, endedAt]);
  if (seen === null) return null;
  return (
    <section className="section" aria-label={t('flows.frames')} data-testid="flow-frames">
      <div className="section-head">
        <h3>{t('flows.frames')}</h3>
        <span className="muted">
          {seen.total === 0
            ? t('flows.frames.none')
            : t('flows.frames.shown', { shown: seen.frames.length, total: seen.total })}
        </span>
      </div>
      <ul className="frames">
        {seen.frames.map((frame, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a frame is its place in the stream
          <FrameRow key={i} frame={frame} time={clockTime(frame.at)} size={bytes(frame.size)} />
        ))}
      </ul>
    </section>
  );
}
