import { useState } from 'react';
import type { CertificateInfo } from '../../../../core/model/proxy-settings.ts';
import { dateTime } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { TrustHelp } from '../../parts/trust/trust-help.tsx';
import { useApp, useAppState } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ProblemBox, useNow } from '../../ui/parts.tsx';

const SOON = 60 * 86_400_000;

/** The certificate of the proxy's own authority: installed elsewhere, replaced by a new one, removed. */
export function CertificateForm() {
  const t = useText();
  const app = useApp();
  const info = useAppState((state) => state.info);
  const now = useNow(60_000);
  const [asking, setAsking] = useState<'rotate' | 'remove' | null>(null);
  if (info === null) return null;
  const { certificate } = info;
  const saveAs = async (form: 'pem' | 'der') => {
    const file = await app.attempt(() => app.client.call('certificate.export', { form }));
    if (file === undefined) return;
    const content = file.text !== null ? { text: file.text } : { base64: file.base64 ?? '' };
    await app.saveFile(file.name, content, t('file.saved', { name: file.name }));
  };
  const change = async (act: 'rotate' | 'remove') => {
    setAsking(null);
    const done = await app.attempt(() => app.client.call(`certificate.${act}`, {}));
    if (done === undefined || app.state.info === null) return;
    app.set({ info: { ...app.state.info, certificate: done.certificate } });
    app.notify({
      level: 'info',
      message: t(act === 'rotate' ? 'proxy.certificate.rotated' : 'certificate.removed'),
    });
  };
  const broken = certificate.problem !== undefined;
  return (
    <div className="stack">
      <h4>{t('proxy.certificate')}</h4>
      {certificate.problem !== undefined && <ProblemBox problem={certificate.problem} level="warning" />}
      <div className="mono wrap" data-testid="certificate-fingerprint">
        {t('proxy.certificate.fingerprint', { fingerprint: certificate.fingerprint })}
      </div>
      <span className="muted">{t('settings.certificate.until', { when: dateTime(certificate.notAfter) })}</span>
      <Standing certificate={certificate} now={now} />
      <div className="row wrapping">
        <TrustHelp />
        <Button small data-testid="certificate-pem" onClick={() => void saveAs('pem')}>
          {t('proxy.certificate.pem')}
        </Button>
        <Button small data-testid="certificate-der" onClick={() => void saveAs('der')}>
          {t('proxy.certificate.der')}
        </Button>
        <Button
          variant={broken ? 'primary' : 'danger'}
          small
          data-testid="certificate-rotate"
          onClick={() => setAsking('rotate')}
        >
          {t(broken ? 'certificate.make' : 'proxy.certificate.rotate')}
        </Button>
        {!broken && certificate.state !== 'temporary' && (
          <Button variant="danger" small data-testid="certificate-remove" onClick={() => setAsking('remove')}>
            {t('certificate.remove')}
          </Button>
        )}
      </div>
      <Asked
        open={asking === 'rotate'}
        what="proxy.certificate.rotate"
        testId="rotate"
        onClose={() => setAsking(null)}
        onDo={() => void change('rotate')}
      />
      <Asked
        open={asking === 'remove'}
        what="certificate.remove"
        testId="remove"
        onClose={() => setAsking(null)}
        onDo={() => void change('remove')}
      />
    </div>
  );
}

/** What is special about it: ended, about to end, new, in memory only. */
function Standing({ certificate, now }: { certificate: CertificateInfo; now: number }) {
  const t = useText();
  const { state, notAfter } = certificate;
  if (notAfter < now) return <div className="warn">{t('certificate.ended')}</div>;
  if (state === 'temporary') return <div className="warn">{t('certificate.temporary')}</div>;
  if (notAfter - now < SOON) return <div className="warn">{t('certificate.soon')}</div>;
  return state === 'renewed' ? <div className="warn">{t('certificate.renewed')}</div> : null;
}

function Asked({
  open,
  what,
  testId,
  onClose,
  onDo,
}: {
  open: boolean;
  what: 'proxy.certificate.rotate' | 'certificate.remove';
  testId: string;
  onClose: () => void;
  onDo: () => void;
}) {
  const t = useText();
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t(`${what}.title`)}
      testId={`${testId}-dialog`}
      foot={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button variant="danger" data-testid={`${testId}-confirm`} onClick={onDo}>
            {t(`${what}.do`)}
          </Button>
        </>
      }
    >
      <p>{t(`${what}.text`)}</p>
    </Dialog>
  );
}
