import { useState } from 'react';
import { useText } from '../../i18n/index.ts';
import { useAppState } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { Commands } from '../../ui/commands.tsx';
import { Select } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { likelyTarget, TRUST_TARGETS, type TrustId } from './trust-targets.ts';

/** The button and the dialog that say, for each browser and system, how the certificate is trusted and how not any more. */
export function TrustHelp() {
  const t = useText();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button small data-testid="trust-open" onClick={() => setOpen(true)}>
        {t('trust.open')}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t('trust.title')}
        description={t('trust.text')}
        testId="trust-dialog"
        wide
      >
        <Steps />
      </Dialog>
    </>
  );
}

function Steps() {
  const t = useText();
  const info = useAppState((state) => state.info);
  const proxy = useAppState((state) => state.proxy);
  const [id, setId] = useState<TrustId>(likelyTarget(info?.platform ?? ''));
  const target = TRUST_TARGETS.find((one) => one.id === id);
  if (info === null || proxy === null || target === undefined) return null;
  const context = { file: info.certificate.file, proxy: `${proxy.host}:${proxy.port}` };
  const install = target.install?.(context) ?? [];
  const use = target.use?.(context) ?? [];
  const remove = target.remove?.(context) ?? [];
  return (
    <div className="stack">
      <label className="field">
        <span className="label">{t('trust.where')}</span>
        <Select value={id} data-testid="trust-where" onChange={(event) => setId(event.target.value as TrustId)}>
          {TRUST_TARGETS.map((one) => (
            <option key={one.id} value={one.id}>
              {t(`trust.${one.id}`)}
            </option>
          ))}
        </Select>
      </label>
      <h3>{t('trust.install')}</h3>
      <p>{t(`trust.${id}.install`)}</p>
      {install.length > 0 && <Commands lines={install} label={t('trust.copy')} />}
      {use.length > 0 && (
        <>
          <h3>{t('trust.use')}</h3>
          <Commands lines={use} label={t('trust.copy')} />
        </>
      )}
      <h3>{t('trust.remove')}</h3>
      {remove.length > 0 && <Commands lines={remove} label={t('trust.copy')} />}
      <p>{t(`trust.${id}.remove`)}</p>
      <p className="muted">{t('trust.fetch')}</p>
    </div>
  );
}
