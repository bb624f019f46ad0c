import type { Clocks } from '../../../core/model/session.ts';
import { clockStates } from '../state/timeline-view.ts';

const NAMES = ['cookie', 'store', 'payload'] as const;

/** The three clocks as one small band. It only repeats what stands beside it in words. */
export function ClockBand({ clocks, now }: { clocks: Clocks; now: number }) {
  return (
    <span className="clock-band" aria-hidden data-testid="clock-band">
      {clockStates(clocks, now).map((state, index) => (
        <i key={NAMES[index]} data-clock={NAMES[index]} data-state={state} />
      ))}
    </span>
  );
}
