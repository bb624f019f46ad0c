import { useEffect, useMemo, useState } from 'react';
import type { RequestOf } from '../../../../core/bridge/contract.ts';
import type { Peel } from '../../../../core/model/peel.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { useText } from '../../i18n/index.ts';
import { LayerChooser } from '../../parts/raw/layer-chooser.tsx';
import { LayerSteps } from '../../parts/raw/layer-steps.tsx';
import { DataTree } from '../../parts/value/data-tree.tsx';
import { Keys, SignatureLine } from '../../parts/value/keys.tsx';
import type { Change } from '../../parts/value/use-changes.ts';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { draftKey } from '../../state/app-state.ts';
import type { Draft } from '../../state/draft.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemBox } from '../../ui/parts.tsx';

/** Drafts of cookie values live beside those of records, under this name of a store that no store has. */
const COOKIES = 'cookie value';
/** New values of cookies that belong to the edited one; null: the cookie goes. */
export type Companions = Readonly<Record<string, string | null>>;

const KEY_PROBLEMS = new Set(['needs-secret', 'wrong-key']);
const PLAIN = new Set(['text', 'latin1', 'bytes']);
const WAIT_MS = 150;
const ROW = 28;
const MOST_ROWS = 9;

/**
 * What is inside a cookie's value, decoded through its layers and editable: *take over* makes the new value with the same
 * layers around the changed data.
 */
export function CookieInside({
  sessionKey,
  host,
  value,
  companions,
  onValue,
}: {
  sessionKey: string;
  /** Whose keys take part. */
  host: string;
  value: string;
  /** What an edit has changed in cookies that belong to this one. */
  companions: Companions;
  onValue: (value: string, companions: Companions) => void;
}) {
  const t = useText();
  const app = useApp();
  const [as, setAs] = useState<readonly string[] | null>(null);
  const [peel, setPeel] = useState<{ of: string; as: readonly string[] | null; peel: Peel } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [choosing, setChoosing] = useState(false);
  const [keysSeen, setKeysSeen] = useState(0);
  const [overrides, setOverrides] = useState<ReadonlyMap<string, boolean>>(new Map());

  // biome-ignore lint/correctness/useExhaustiveDependencies: `keysSeen` asks again, since other keys may read more
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => {
      const request = { of: { text: value }, sessionKey, companions, ...(as === null ? {} : { as: [...as] }) };
      app.client.call('value.decode', request).then(
        (answer) => {
          if (stale) return;
          setPeel({ of: value, as, peel: answer });
          setProblem(null);
        },
        (error) => !stale && setProblem(problemOf(error)),
      );
    }, WAIT_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [app, value, as, sessionKey, companions, keysSeen]);

  const stored = useAppState((state) => state.drafts.get(draftKey(COOKIES, sessionKey)));
  const root = peel?.peel.value ?? null;
  const draft = useMemo(
    () => (peel === null || root === null ? null : currentDraft(stored, sessionKey, peel.of, root)),
    [stored, sessionKey, peel, root],
  );
  const sealed = KEY_PROBLEMS.has(peel?.peel.error?.kind ?? '');
  const plain =
    as === null &&
    peel !== null &&
    !sealed &&
    peel.peel.signature === undefined &&
    (root === null || peel.peel.layers.every((id) => PLAIN.has(id)));

  const take = async () => {
    if (draft === null || peel === null) return;
    setProblem(null);
    try {
      const made = await app.client.call('value.edit', {
        of: { text: peel.of },
        sessionKey,
        companions,
        edits: [...draft.edits] as RequestOf<'value.edit'>['edits'],
        ...(peel.as === null ? {} : { as: [...peel.as] }),
      });
      app.dropDraft(COOKIES, sessionKey);
      onValue(made.text, made.companions);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };

  if (peel === null) return null;
  if (plain && !choosing) {
    return (
      <div className="section">
        <div className="row wrapping">
          <span className="muted" data-testid="cookie-plain">
            {t('cookie.plain')}
          </span>
          <Button variant="quiet" small onClick={() => setChoosing(true)}>
            {t('raw.choose')}
          </Button>
        </div>
      </div>
    );
  }
  const rows = root === null ? 0 : Math.min(MOST_ROWS, countRows(root, MOST_ROWS));
  return (
    <section className="section" aria-label={t('cookie.inside')} data-testid="cookie-inside">
      <div className="row wrapping">
        <h3>{t('cookie.inside')}</h3>
        <span className="peel" data-testid="cookie-layers">
          {peel.peel.layers.join(' → ')}
        </span>
        {peel.peel.signature !== undefined && <SignatureLine signature={peel.peel.signature} />}
        <span className="grow" />
        <Button
          variant="quiet"
          small
          aria-expanded={choosing}
          onClick={() => {
            if (choosing) setAs(null);
            setChoosing(!choosing);
          }}
        >
          {t('raw.choose')}
        </Button>
      </div>
      {choosing && (
        <>
          <LayerChooser layers={as ?? peel.peel.layers} tried={false} busy={false} onTry={setAs} />
          <LayerSteps peel={peel.peel} />
        </>
      )}
      {(problem ?? peel.peel.error) !== undefined && <ProblemBox problem={(problem ?? peel.peel.error) as Problem} />}
      {(peel.peel.signature !== undefined || KEY_PROBLEMS.has(peel.peel.error?.kind ?? '')) && (
        <Keys place={`site ${host}`} onChange={() => setKeysSeen(keysSeen + 1)} />
      )}
      {draft !== null && (
        <>
          <div className="inside-tree" style={{ height: (rows + 1) * ROW }}>
            <DataTree
              draft={draft}
              readOnly={null}
              changes={NO_CHANGES}
              overrides={overrides}
              setOverrides={setOverrides}
              hitId={undefined}
            />
          </div>
          <div className="row">
            <Button disabled={draft.edits.length === 0} data-testid="cookie-inside-take" onClick={() => void take()}>
              {t('cookie.inside.take')}
            </Button>
            {draft.edits.length > 0 && (
              <Button
                variant="quiet"
                onClick={() => app.dropDraft(COOKIES, sessionKey)}
                data-testid="cookie-inside-discard"
              >
                {t('cookie.revert')}
              </Button>
            )}
            <span className="muted">{t('cookie.inside.hint')}</span>
          </div>
        </>
      )}
    </section>
  );
}

const NO_CHANGES: ReadonlyMap<string, Change> = new Map();

/** Rows of the tree when the first levels are open, as far as they count. */
function countRows(root: TypedNode, most: number): number {
  const members = 'v' in root && Array.isArray(root.v) ? root.v.length : 0;
  return Math.min(most, Math.max(2, members * 2));
}

function currentDraft(stored: Draft | undefined, id: string, revision: string, base: TypedNode): Draft {
  if (stored !== undefined && stored.revision === revision) return stored;
  return { storeId: COOKIES, id, revision, base, edits: [], past: [], future: [] };
}
