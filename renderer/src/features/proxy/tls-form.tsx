import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ProxySettings, ProxySettingsChange } from '../../../../core/model/proxy-settings.ts';
import { useText } from '../../i18n/index.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Commands } from '../../ui/commands.tsx';
import { Checkbox, Input } from '../../ui/controls.tsx';
import { Field, TextField } from '../../ui/field.tsx';

/** Certificate and key of a PKCS#12 file as the two texts that are asked for. */
const P12 = 'openssl pkcs12 -in client.p12 -nodes -out client.pem';

interface Row {
  readonly host: string;
  readonly verify: boolean;
  readonly ca: string;
  readonly cert: string;
  /** Empty: the one that is kept stays. */
  readonly key: string;
  readonly passphrase: string;
  readonly hasKey: boolean;
}

function rowsOf({ tls }: ProxySettings): Row[] {
  return tls.map(({ host, verify, ca = '', cert = '', hasKey }) => ({
    host,
    verify,
    ca,
    cert,
    key: '',
    passphrase: '',
    hasKey,
  }));
}

/** Hosts whose certificate is not checked, or by another authority, and client certificates. */
export function TlsForm({
  settings,
  save,
}: {
  settings: ProxySettings;
  save: (change: ProxySettingsChange) => Promise<boolean>;
}) {
  const t = useText();
  const [rows, setRows] = useState(() => rowsOf(settings));
  const change = (at: number, one: Partial<Row>) =>
    setRows(rows.map((row, i) => (i === at ? { ...row, ...one } : row)));
  const submit = () =>
    save({
      tls: rows
        .filter(({ host }) => host.trim() !== '')
        .map(({ host, verify, ca, cert, key, passphrase }) => ({
          host,
          verify,
          ...(ca.trim() === '' ? {} : { ca }),
          ...(cert.trim() === '' ? { key: null, passphrase: null } : { cert }),
          ...(cert.trim() === '' || key.trim() === '' ? {} : { key }),
          ...(cert.trim() === '' || passphrase === '' ? {} : { passphrase }),
        })),
    });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h4>{t('proxy.tls')}</h4>
      <p className="muted">{t('proxy.tls.text')}</p>
      {rows.length === 0 && <p className="muted">{t('proxy.tls.none')}</p>}
      {rows.map((row, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place while it is being typed
        <fieldset className="box stack" key={i}>
          <legend className="sr">{row.host}</legend>
          <div className="row">
            <Input
              className="mono grow"
              value={row.host}
              spellCheck={false}
              placeholder="shop.test:8443"
              aria-label={t('proxy.scope.host')}
              data-testid={`tls-host-${i}`}
              onChange={(event) => change(i, { host: event.target.value })}
            />
            <label className="check">
              <Checkbox
                checked={row.verify}
                data-testid={`tls-verify-${i}`}
                onChange={(event) => change(i, { verify: event.target.checked })}
              />
              {t('proxy.tls.verify')}
            </label>
            <IconButton
              aria-label={t('proxy.removeHost', { host: row.host })}
              onClick={() => setRows(rows.filter((_, at) => at !== i))}
            >
              <Trash2 size={14} aria-hidden />
            </IconButton>
          </div>
          {!row.verify && <div className="warn">{t('proxy.tls.unchecked', { host: row.host })}</div>}
          <Pem label={t('proxy.tls.ca')} value={row.ca} onChange={(ca) => change(i, { ca })} />
          <Pem label={t('proxy.tls.cert')} value={row.cert} onChange={(cert) => change(i, { cert })} />
          {row.cert.trim() !== '' && (
            <>
              <Pem
                label={t('proxy.tls.key')}
                value={row.key}
                placeholder={row.hasKey ? t('proxy.tls.key.kept') : '-----BEGIN'}
                onChange={(key) => change(i, { key })}
              />
              <Field
                label={t('proxy.tls.passphrase')}
                type="password"
                value={row.passphrase}
                onChange={(passphrase) => change(i, { passphrase })}
              />
            </>
          )}
          <details>
            <summary>{t('proxy.tls.p12')}</summary>
            <Commands lines={[P12]} label={t('trust.copy')} />
          </details>
        </fieldset>
      ))}
      <div className="row">
        <Button
          small
          data-testid="tls-add"
          onClick={() =>
            setRows([...rows, { host: '', verify: true, ca: '', cert: '', key: '', passphrase: '', hasKey: false }])
          }
        >
          <Plus size={13} aria-hidden />
          {t('proxy.scope.add')}
        </Button>
        <Button type="submit" small data-testid="tls-save">
          {t('proxy.save')}
        </Button>
      </div>
    </form>
  );
}

function Pem({
  label,
  value,
  placeholder = '-----BEGIN',
  onChange,
}: {
  label: string;
  value: string;
  placeholder?: string;
  onChange: (value: string) => void;
}) {
  return <TextField label={label} rows={2} value={value} placeholder={placeholder} onChange={onChange} />;
}
