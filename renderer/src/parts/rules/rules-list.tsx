import { Pause, Play, Trash2 } from 'lucide-react';
import { useText } from '../../i18n/index.ts';
import { useApp, useAppState } from '../../state/app.ts';
import { IconButton } from '../../ui/button.tsx';

/** Rules that change headers on the way: paused, resumed or removed here. */
export function RulesList({ host }: { host?: string }) {
  const t = useText();
  const app = useApp();
  const all = useAppState((state) => state.rules);
  const rules = host === undefined ? all : all.filter((rule) => mayApply(rule.host, host));
  if (rules.length === 0) return <p className="muted">{t('cookie.rules.none')}</p>;
  return (
    <ul className="stack" data-testid="rules">
      {rules.map(({ ruleId, title, enabled, applied, host: where, path = '' }) => (
        <li key={ruleId} className="rule">
          <span className="grow cut" title={`${title} · ${where}${path}`}>
            {title}
            <span className="muted">
              {' · '}
              {where === '*' ? t('rules.anyHost') : where}
              {path}
            </span>
          </span>
          <span className={`tag ${enabled ? 'good' : ''}`}>{enabled ? t('cookie.rule.on') : t('cookie.rule.off')}</span>
          <span className="muted">{t('cookie.rule.applied', { count: applied })}</span>
          <IconButton
            aria-label={enabled ? t('cookie.rule.pause', { title }) : t('cookie.rule.resume', { title })}
            onClick={() => void app.attempt(() => app.client.call('rule.enable', { ruleId, enabled: !enabled }))}
          >
            {enabled ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
          </IconButton>
          <IconButton
            aria-label={t('cookie.rule.remove', { title })}
            onClick={() => void app.attempt(() => app.client.call('rule.remove', { ruleId }))}
          >
            <Trash2 size={14} aria-hidden />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

/** Whether a rule's pattern of hosts can mean a host: the window only chooses what to show, the proxy decides. */
function mayApply(pattern: string, host: string): boolean {
  if (pattern === '*' || pattern === host || host.startsWith(pattern)) return true;
  return pattern.startsWith('*.') && `.${host}`.includes(pattern.slice(1));
}
