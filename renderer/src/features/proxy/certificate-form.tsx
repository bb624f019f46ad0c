import { useState } from 'react';
import { dateTime } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { saveBytes } from '../../ui/save-bytes.ts';
import { saveFile } from '../lab/live/save-file.ts';

/** The certificate of the proxy's own authority: saved for other programs, or replaced by a new one. */
export function CertificateForm() {
  const t = useText();
  const app = useApp();
  const info = useAppState((state) => state.info);
  const [asking, setAsking] = useState(false);
  if (info === null) return null;
  const { certificate } = info;
  const saveAs = async (form: 'pem' | 'der') => {
    const file = await app.attempt(() => app.client.call('certificate.export', { form }));
    if (file === undefined) return;
    if (file.text !== null) saveFile(file.name, file.text);
    else if (file.base64 !== null) saveBytes(file.name, file.base64);
  };
  const rotate = async () => {
    setAsking(false);
    const done = await app.attempt(() => app.client.call('certificate.rotate', {}));
    if (done === undefined || app.state.info === null) return;
    app.set({ info: { ...app.state.info, certificate: done.certificate } });
    app.notify({ level: 'info', message: t('proxy.certificate.rotated') });
  };
  return (
    <div className="stack">
      <h4>{t('proxy.certificate')}</h4>
      <div className="mono wrap" data-testid="certificate-fingerprint">
        {t('proxy.certificate.fingerprint', { fingerprint: certificate.fingerprint })}
      </div>
      <span className="muted">{t('settings.certificate.until', { when: dateTime(certificate.notAfter) })}</span>
      <div className="row wrapping">
        <button type="button" className="button small" data-testid="certificate-pem" onClick={() => void saveAs('pem')}>
          {t('proxy.certificate.pem')}
        </button>
        <button type="button" className="button small" data-testid="certificate-der" onClick={() => void saveAs('der')}>
          {t('proxy.certificate.der')}
        </button>
        <button
          type="button"
          className="button small danger"
          data-testid="certificate-rotate"
          onClick={() => setAsking(true)}
        >
          {t('proxy.certificate.rotate')}
        </button>
      </div>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('proxy.certificate.rotate.title')}
        testId="rotate-dialog"
        foot={
          <>
            <button type="button" className="button" onClick={() => setAsking(false)}>
              {t('common.cancel')}
            </button>
            <button type="button" className="button danger" data-testid="rotate-confirm" onClick={() => void rotate()}>
              {t('proxy.certificate.rotate.do')}
            </button>
          </>
        }
      >
        <p>{t('proxy.certificate.rotate.text')}</p>
      </Dialog>
    </div>
  );
}
