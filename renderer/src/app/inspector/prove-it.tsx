import { useState } from 'react';
import type { CookieProof } from '../../../../core/model/app.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { shortId } from '../../format.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp } from '../../state/app.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ProblemBox } from '../../ui/parts.tsx';

/** Finds out which cookies keep the login, by repeating a request without each of them. */
export function ProveIt({ sessionKey }: { sessionKey: string }) {
  const t = useText();
  const app = useApp();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [proof, setProof] = useState<CookieProof | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const run = async (confirmed: boolean) => {
    setOpen(true);
    setBusy(true);
    setProof(null);
    setProblem(null);
    try {
      setProof(await app.client.call('session.prove', { key: sessionKey, ...(confirmed ? { confirmed } : {}) }));
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return (
    <>
      <Button small data-testid="prove-it" onClick={() => void run(false)}>
        {t('prove.start')}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t('prove.title')}
        description={proof === null ? t('prove.text') : proof.request}
        testId="prove-dialog"
        foot={
          problem?.kind === 'unsafe-method' ? (
            <Button variant="danger" onClick={() => void run(true)}>
              {t('prove.confirm')}
            </Button>
          ) : undefined
        }
      >
        {busy && <p role="status">{t('prove.busy')}</p>}
        {problem !== null && <ProblemBox problem={problem} />}
        {proof !== null && (
          <div className="stack" data-testid="proof" data-needed={proof.needed.join(' ')}>
            <strong>{proof.sentence}</strong>
            <table className="merge">
              <thead>
                <tr>
                  <th scope="col">{t('prove.cookie')}</th>
                  <th scope="col">{t('prove.without')}</th>
                  <th scope="col">{t('prove.verdict')}</th>
                </tr>
              </thead>
              <tbody>
                {proof.cookies.map((cookie) => (
                  <tr key={cookie.name}>
                    <td className="mono">{cookie.name}</td>
                    <td>{t(`prove.without.${cookie.without}`)}</td>
                    <td>{cookie.needed ? t('prove.needed') : t('prove.notNeeded')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {proof.signs.length > 0 && (
              <details>
                <summary>{t('prove.signs')}</summary>
                <ul>
                  {proof.signs.map((sign) => (
                    <li key={sign} className="muted">
                      {sign}
                    </li>
                  ))}
                </ul>
              </details>
            )}
            <span className="muted">
              {t('prove.requests', { count: proof.requests })} {t('prove.used', { count: proof.used })}
            </span>
            {(proof.leftovers.removed > 0 || proof.leftovers.left.length > 0) && (
              <span data-testid="prove-leftovers">
                {proof.leftovers.removed > 0 && t('prove.removed', { count: proof.leftovers.removed })}{' '}
                {proof.leftovers.left.length > 0 &&
                  t('prove.left', {
                    count: proof.leftovers.left.length,
                    ids: proof.leftovers.left.slice(0, 5).map(shortId).join(', '),
                  })}
              </span>
            )}
          </div>
        )}
      </Dialog>
    </>
  );
}
