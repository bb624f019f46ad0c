import { Database, FlaskRound, Globe, Play, Plug } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import type { SessionSummary } from '../../../../core/model/session.ts';
import { visible } from '../../../../core/model/visible.ts';
import { ago } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { AttachForm } from '../../parts/attach-form.tsx';
import { PracticeRunning, useLaunch } from '../../parts/practice-running.tsx';
import { TrustHelp } from '../../parts/trust/trust-help.tsx';
import { useApp, useAppState } from '../../state/app.ts';
import { type TryStep, tryPractice } from '../../state/try-practice.ts';
import { BareButton, Button } from '../../ui/button.tsx';
import { CopyLine, MiddleCut, ProblemBox, useNow } from '../../ui/parts.tsx';

/** The first screen: four ways to get traffic or records in. */
export function HomeScreen() {
  const t = useText();
  const proxyProblem = useAppState((state) => state.proxy?.problem);
  return (
    <div className="page" data-testid="home">
      <div className="page-inner">
        <div className="stack">
          <h2 className="home-title">{t('home.title')}</h2>
          <p className="muted">{t('home.lead')}</p>
        </div>
        {proxyProblem !== undefined && <ProblemBox problem={proxyProblem} />}
        <FirstAct />
        <Recent />
        <HomeCards />
      </div>
    </div>
  );
}

/** The one act for somebody who is new: site, store and browser at once, up to the first session in the list. */
function FirstAct() {
  const t = useText();
  const app = useApp();
  const found = useAppState((state) => state.browsers.found);
  const [step, setStep] = useState<TryStep | null>(null);
  const browser = found?.[0];
  const start = () => {
    void tryPractice(app, browser?.browserId, setStep).finally(() => setStep(null));
  };
  return (
    <section className="card first-act" aria-label={t('home.try')}>
      <div className="stack grow">
        <h3>{t('home.try')}</h3>
        <p>{browser === undefined ? t('home.try.noBrowser') : t('home.try.text', { browser: browser.name })}</p>
      </div>
      <Button variant="primary" disabled={step !== null} data-testid="home-try" onClick={start}>
        <Play size={14} aria-hidden />
        {step === null ? t('home.try.start') : t(`home.try.step.${step}`)}
      </Button>
    </section>
  );
}

/** Applications whose sessions are known, those seen last first: where a returning user goes on. */
function Recent() {
  const t = useText();
  const app = useApp();
  const rows = useAppState((state) => state.sessions.rows);
  const now = useNow();
  const hosts = useMemo(() => recentHosts([...rows.values()]), [rows]);
  if (hosts.length === 0) return null;
  return (
    <section className="stack" aria-label={t('home.recent')}>
      <h3>{t('home.recent')}</h3>
      <div className="recent">
        {hosts.map(({ host, sessions, last }) => (
          <BareButton
            key={host}
            className="recent-host"
            data-testid="home-recent"
            onClick={() => {
              app.go('sessions');
              void app.filterSessions(`host=${host}`);
            }}
          >
            <MiddleCut text={visible(host)} className="host" />
            <span className="muted">
              {t('sessions.count', { count: sessions })} · {ago(last, now, t)}
            </span>
          </BareButton>
        ))}
      </div>
    </section>
  );
}

const MOST_RECENT = 6;

function recentHosts(sessions: readonly SessionSummary[]): { host: string; sessions: number; last: number }[] {
  const hosts = new Map<string, { host: string; sessions: number; last: number }>();
  for (const { host, lastActivity } of sessions) {
    const known = hosts.get(host) ?? { host, sessions: 0, last: 0 };
    hosts.set(host, { host, sessions: known.sessions + 1, last: Math.max(known.last, lastActivity) });
  }
  return [...hosts.values()].sort((a, b) => b.last - a.last).slice(0, MOST_RECENT);
}

function HomeCards() {
  return (
    <div className="home-grid">
      <BrowserCard />
      <PracticeCard />
      <OwnBrowserCard />
      <AttachCard />
    </div>
  );
}

function Card({ icon, title, text, children }: { icon: ReactNode; title: string; text: string; children: ReactNode }) {
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        {icon}
        <h3>{title}</h3>
      </div>
      <p>{text}</p>
      {children}
    </section>
  );
}

function BrowserCard() {
  const t = useText();
  const launch = useLaunch();
  const found = useAppState((state) => state.browsers.found);
  return (
    <Card icon={<Globe size={18} aria-hidden />} title={t('home.browser')} text={t('home.browser.text')}>
      {found !== null && found.length === 0 && (
        <ProblemBox
          level="info"
          problem={{ kind: 'no-browser', message: t('home.browser.none'), remedy: t('home.browser.none.remedy') }}
        />
      )}
      <div className="row wrapping">
        {(found ?? []).map((browser) => (
          <Button
            key={browser.browserId}
            title={browser.path}
            data-testid={`home-browser-${browser.browserId}`}
            onClick={() => launch(browser.browserId, browser.name)}
          >
            {browser.name}
            {browser.version !== undefined && <span>{browser.version}</span>}
          </Button>
        ))}
      </div>
    </Card>
  );
}

function PracticeCard() {
  const t = useText();
  const app = useApp();
  const practice = useAppState((state) => state.practice);
  const start = (kind: 'disk' | 'sqlite') => {
    // The card says next how to open the site: stay with it.
    app.go('home');
    void app.attempt(() => app.client.call('practice.start', { kind }));
  };
  return (
    <Card icon={<FlaskRound size={18} aria-hidden />} title={t('home.practice')} text={t('home.practice.text')}>
      {practice === null ? (
        <div className="row wrapping">
          <Button data-testid="home-practice-disk" onClick={() => start('disk')}>
            {t('home.practice.disk')}
          </Button>
          <Button data-testid="home-practice-sqlite" onClick={() => start('sqlite')}>
            {t('home.practice.sqlite')}
          </Button>
        </div>
      ) : (
        <PracticeRunning practice={practice} />
      )}
    </Card>
  );
}

function OwnBrowserCard() {
  const t = useText();
  const [open, setOpen] = useState(false);
  const proxy = useAppState((state) => state.proxy);
  const certificate = useAppState((state) => state.info?.certificate);
  const address = proxy === null ? '' : `${proxy.host}:${proxy.port}`;
  return (
    <Card icon={<Plug size={18} aria-hidden />} title={t('home.own')} text={t('home.own.text')}>
      <h3>{t('home.own.address')}</h3>
      <CopyLine value={address} label={t('home.own.copyAddress')} />
      <div>
        <Button aria-expanded={open} data-testid="home-own" onClick={() => setOpen(!open)}>
          {t('home.own.show')}
        </Button>
      </div>
      {open && (
        <div className="stack" data-testid="home-own-steps">
          <h3>{t('home.own.certificate')}</h3>
          <CopyLine value={certificate?.file ?? ''} label={t('home.own.copyCertificate')} />
          <h3>{t('home.own.fingerprint')}</h3>
          <code className="wrap muted">{certificate?.fingerprint}</code>
          <ol className="steps">
            <li>{t('home.own.step1')}</li>
            <li>{t('home.own.step2')}</li>
            <li>{t('home.own.step3')}</li>
          </ol>
          <div>
            <TrustHelp />
          </div>
        </div>
      )}
    </Card>
  );
}

function AttachCard() {
  const t = useText();
  const app = useApp();
  return (
    <div data-testid="home-attach">
      <Card icon={<Database size={18} aria-hidden />} title={t('home.attach')} text={t('home.attach.text')}>
        <AttachForm
          onAttached={(storeId) => {
            app.ui({ screen: 'stores', storeId, recordId: null });
          }}
        />
      </Card>
    </div>
  );
}
