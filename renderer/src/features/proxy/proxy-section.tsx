import { useText } from '../../i18n/index.ts';
import { ProblemBox } from '../../ui/parts.tsx';
import { BreakpointsForm } from './breakpoints-form.tsx';
import { CertificateForm } from './certificate-form.tsx';
import { LocalAccessForm } from './local-access-form.tsx';
import { NetworkForm } from './network-form.tsx';
import { ScopeForm } from './scope-form.tsx';
import { TlsForm } from './tls-form.tsx';
import { UpstreamForm } from './upstream-form.tsx';
import { useProxySettings } from './use-settings.ts';

/** All that a user sets of the proxy. Each part is used at once, without a restart. */
export function ProxySection() {
  const t = useText();
  const { settings, problem, save } = useProxySettings();
  return (
    <>
      <section className="card" aria-label={t('proxy.title')} data-testid="proxy-settings">
        <h3>{t('proxy.title')}</h3>
        <NetworkForm />
        {problem !== null && <ProblemBox problem={problem} />}
        {settings !== null && (
          <>
            <UpstreamForm settings={settings} save={save} />
            <ScopeForm settings={settings} save={save} />
            <LocalAccessForm settings={settings} save={save} />
            <TlsForm key={JSON.stringify(settings.tls)} settings={settings} save={save} />
          </>
        )}
        <CertificateForm />
      </section>
      <BreakpointsForm />
    </>
  );
}
