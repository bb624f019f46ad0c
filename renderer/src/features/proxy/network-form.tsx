import { useState } from 'react';
import type { NetworkInfo } from '../../../../core/model/app.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { newPassword } from '../../state/new-password.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { CopyLine, ProblemBox } from '../../ui/parts.tsx';

/** Where the proxy is reached: by programs of this computer, and, when the user says so, by other computers. */
export function NetworkForm() {
  const t = useText();
  const app = useApp();
  const proxy = useAppState((state) => state.proxy);
  const [asking, setAsking] = useState(false);
  const [password, setPassword] = useState('');
  if (proxy === null) return null;
  const { network, wantedPort, host, port } = proxy;
  return (
    <div className="stack">
      <h4>{t('network.title')}</h4>
      <CopyLine value={`${host}:${port}`} label={t('home.own.copyAddress')} />
      {wantedPort !== undefined && <div className="warn">{t('top.otherPort', { wanted: wantedPort, port })}</div>}
      {network === undefined ? (
        <div className="row wrapping">
          <span className="grow muted">{t('network.closed')}</span>
          <Button small data-testid="network-ask" onClick={() => setAsking(true)}>
            {t('network.open')}
          </Button>
        </div>
      ) : (
        <Open
          network={network}
          password={password}
          onClose={() => void app.attempt(() => app.client.call('proxy.network.close', {}))}
        />
      )}
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('network.ask.title')}
        description={t('network.ask.text')}
        testId="network-dialog"
        foot={
          <>
            <Button onClick={() => setAsking(false)}>{t('common.cancel')}</Button>
            <Button type="submit" form="network-form" variant="danger" data-testid="network-open">
              {t('network.ask.do')}
            </Button>
          </>
        }
      >
        <Ask
          port={port}
          onOpened={(given) => {
            setPassword(given);
            setAsking(false);
          }}
        />
      </Dialog>
    </div>
  );
}

function Ask({ port, onOpened }: { port: number; onOpened: (password: string) => void }) {
  const t = useText();
  const app = useApp();
  const [form, setForm] = useState(() => ({
    host: '0.0.0.0',
    port: String(Math.min(port + 1, 65_535)),
    user: 'guest',
    password: newPassword(),
  }));
  const [problem, setProblem] = useState<Problem | null>(null);
  const change = (part: Partial<typeof form>) => setForm({ ...form, ...part });
  const open = async () => {
    try {
      const wanted = Number(form.port);
      await app.client.call('proxy.network.open', {
        host: form.host.trim(),
        port: Number.isInteger(wanted) && wanted >= 0 && wanted <= 65_535 ? wanted : 0,
        user: form.user.trim(),
        password: form.password,
      });
      onOpened(form.password);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <form
      id="network-form"
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void open();
      }}
    >
      <div className="fields">
        <Field
          label={t('network.address')}
          value={form.host}
          testId="network-host"
          onChange={(host) => change({ host })}
        />
        <Field
          label={t('network.port')}
          value={form.port}
          testId="network-port"
          onChange={(next) => change({ port: next })}
        />
      </div>
      <div className="fields">
        <Field
          label={t('network.user')}
          value={form.user}
          testId="network-user"
          onChange={(user) => change({ user })}
        />
        <Field
          label={t('network.password')}
          value={form.password}
          testId="network-password"
          onChange={(password) => change({ password })}
        />
      </div>
      <span className="muted">{t('network.password.note')}</span>
      {problem !== null && <ProblemBox problem={problem} />}
    </form>
  );
}

function Open({ network, password, onClose }: { network: NetworkInfo; password: string; onClose: () => void }) {
  const t = useText();
  const { addresses, user, wantedPort, port, host } = network;
  return (
    <div className="box stack" data-testid="network-is-open">
      <strong>{t('network.isOpen')}</strong>
      {(addresses.length === 0 ? [`${host}:${port}`] : addresses).map((address) => (
        <CopyLine key={address} value={address} label={t('network.copy', { address })} />
      ))}
      {wantedPort !== undefined && <span className="muted">{t('top.otherPort', { wanted: wantedPort, port })}</span>}
      <div>{t('network.asUser', { user })}</div>
      {password !== '' && <CopyLine value={password} label={t('network.copyPassword')} />}
      <div>
        <Button small data-testid="network-close" onClick={onClose}>
          {t('network.close')}
        </Button>
      </div>
    </div>
  );
}
