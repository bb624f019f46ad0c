import { useLayoutEffect, useRef, useState } from 'react';
import type { PolicyBand } from '../../../../core/model/app.ts';
import { span } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { bandPosition, bandScale } from '../../state/policy-form.ts';

const TOP = 26;
const HEIGHT = 26;
const TICKS = [60, 3_600, 86_400, 604_800, 2_592_000, 31_536_000];

/** From when the session may, and from when it must be gone, on a logarithmic line of time; told apart by pattern too. */
export function TimeBand({ band, asked }: { band: PolicyBand; asked: number }) {
  const t = useText();
  const { mayBeGoneAfter: may, mustBeGoneAfter: must } = band;
  const figure = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const element = figure.current;
    if (element === null) return;
    const watch = new ResizeObserver(([entry]) => setWidth(Math.max(200, entry?.contentRect.width ?? 640)));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const scale = bandScale([may, must]);
  const end = Math.max(scale.end, asked * 1.2);
  const x = (seconds: number) => bandPosition(seconds, { ...scale, end }) * width;
  const mayX = may === null ? width : x(may);
  const mustX = must === null ? width : x(must);
  const here = x(asked);
  const say = (seconds: number) => span(seconds * 1000, t);
  const summary =
    may === null && must === null
      ? t('lab.band.summary.never')
      : must === null
        ? t('lab.band.summary.mayOnly', { may: say(may ?? 0) })
        : t('lab.band.summary', { may: say(may ?? must), must: say(must) });
  const label = (from: number, to: number, text: string) =>
    to - from > 70 ? (
      <text className="strong" x={(from + to) / 2} y={TOP + 17} textAnchor="middle">
        {text}
      </text>
    ) : null;
  return (
    <figure ref={figure} className="stack" data-testid="policy-band">
      <svg className="band" viewBox={`0 0 ${width} 86`} role="img" aria-label={`${t('lab.band')}: ${summary}`}>
        <defs>
          <pattern id="may-pattern" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect className="may-back" width="8" height="8" />
            <line className="may-line" x1="0" y1="0" x2="0" y2="8" strokeWidth="2" strokeOpacity="0.35" />
          </pattern>
        </defs>
        {mayX > 0 && <rect className="accepted" x={0.5} y={TOP} width={mayX} height={HEIGHT} rx={3} />}
        {mustX > mayX && <rect className="may" x={mayX} y={TOP} width={mustX - mayX} height={HEIGHT} />}
        {mustX < width && (
          <rect className="must" x={mustX} y={TOP} width={width - mustX - 0.5} height={HEIGHT} rx={3} />
        )}
        {label(0, mayX, t('lab.band.accepted'))}
        {label(mayX, mustX, t('lab.band.may'))}
        {label(mustX, width, t('lab.band.must'))}
        {TICKS.filter((tick) => x(tick) > 20 && x(tick) < width - 20).map((tick) => (
          <text key={tick} x={x(tick)} y={TOP + HEIGHT + 18} textAnchor="middle">
            {say(tick)}
          </text>
        ))}
        <line className="here" x1={here} y1={TOP - 6} x2={here} y2={TOP + HEIGHT + 5} />
        <circle className="here-head" cx={here} cy={TOP - 6} r={3.5} />
        <text className="strong" x={Math.min(width - 50, Math.max(50, here))} y={13} textAnchor="middle">
          {t('lab.band.here', { span: say(asked) })}
        </text>
      </svg>
      <figcaption className="muted">{summary}</figcaption>
    </figure>
  );
}
