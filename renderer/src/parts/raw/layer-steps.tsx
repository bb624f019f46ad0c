import type { Peel } from '../../../../core/model/peel.ts';
import { bytes as size } from '../../format.ts';
import { useText } from '../../i18n/index.ts';

const TONE = { danger: 'bad', warning: 'warn', info: '' };

/** Each layer with the settings it was found with, why it was taken for this layer, and what it warns of. */
export function LayerSteps({ peel }: { peel: Peel }) {
  const t = useText();
  return (
    <ol className="layer-steps" data-testid="layer-steps">
      {peel.steps.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a layer may occur twice; its depth is its name
        <li key={i} data-layer={step.id}>
          <span className="layer-name" title={step.title}>
            {step.id}
          </span>
          <span className="layer-facts">
            <span className="muted">{size(step.bytes)}</span>
            {Object.entries(step.facts).map(([name, value]) => (
              <span key={name} className="fact">
                <span className="muted">{name}</span> {String(value)}
              </span>
            ))}
            {!step.lossless && <span className="tag warn">{t('data.lossy')}</span>}
            {step.reasons.length > 0 && <span className="muted cut">{step.reasons.join(' · ')}</span>}
          </span>
          {step.warnings.map(({ code, message, severity, at }) => (
            <span key={`${code} ${at ?? ''} ${message}`} className="layer-warning">
              <span className={`tag ${TONE[severity]}`}>{t(`data.warn.${severity}`)}</span> {message}
              {at !== undefined && <span className="muted"> · {t('raw.at', { at })}</span>}
            </span>
          ))}
        </li>
      ))}
    </ol>
  );
}
