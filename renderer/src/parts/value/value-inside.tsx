import { useEffect, useMemo, useState } from 'react';
import type { RequestOf } from '../../../../core/bridge/contract.ts';
import type { ValueFinding } from '../../../../core/model/finding.ts';
import type { Peel } from '../../../../core/model/peel.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { useText } from '../../i18n/index.ts';
import { problemOf, useApp, useAppState } from '../../state/app.ts';
import { draftKey } from '../../state/app-state.ts';
import type { Draft } from '../../state/draft.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/field.tsx';
import { ProblemBox } from '../../ui/parts.tsx';
import { LayerChooser } from '../raw/layer-chooser.tsx';
import { LayerSteps } from '../raw/layer-steps.tsx';
import { DataTree } from './data-tree.tsx';
import { Findings } from './findings.tsx';
import { Keys, SignatureLine } from './keys.tsx';
import type { Change } from './use-changes.ts';

/** Drafts of values live beside those of records, under this name of a store that no store has. */
const VALUES = 'cookie value';
/** New values of cookies that belong to the edited one; null: the cookie goes. */
export type Companions = Readonly<Record<string, string | null>>;

/** What takes part in a value besides its bytes. */
export interface Around {
  /** The session whose value it is: its name, its companions and the keys of its site. */
  readonly sessionKey?: string;
  /** Keys for these looks alone. */
  readonly keys?: readonly string[];
  readonly name?: string;
  /** Text that a user pasted is UTF-8; what headers carry is a byte for each character. */
  readonly utf8?: boolean;
}

interface Props {
  /** Names the draft: the session, or the place of the screen. */
  readonly draftId: string;
  readonly value: string;
  /** What an edit has changed in cookies that belong to this one. */
  readonly companions: Companions;
  readonly around: Around;
  /** The site whose keys can be added here. */
  readonly keysOf?: string;
  /** What is wrong with the value by itself is shown too. */
  readonly withFindings?: boolean;
  /** Plain text is shown as a value too, instead of one line that says so. */
  readonly withPlain?: boolean;
  /** What the button of an edit says, and what stands beside it. */
  readonly take?: { readonly label: string; readonly hint: string };
  /** Absent: the value is only looked at. */
  readonly onValue?: (value: string, companions: Companions) => void;
}

const KEY_PROBLEMS = new Set(['needs-secret', 'wrong-key']);
const PLAIN = new Set(['text', 'latin1', 'bytes']);
const WAIT_MS = 150;
const ROW = 28;
const MOST_ROWS = 9;

/**
 * What is inside a value, decoded through its layers and editable: *take over* makes the new value with the same layers
 * around the changed data.
 */
export function ValueInside({
  draftId,
  value,
  companions,
  around,
  keysOf,
  withFindings = false,
  withPlain = false,
  take: words,
  onValue,
}: Props) {
  const t = useText();
  const app = useApp();
  const [as, setAs] = useState<readonly string[] | null>(null);
  const [peel, setPeel] = useState<{ of: string; as: readonly string[] | null; peel: Peel } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [choosing, setChoosing] = useState(false);
  const [keysSeen, setKeysSeen] = useState(0);
  const [stamp, setStamp] = useState<'keep' | 'now'>('keep');
  const [findings, setFindings] = useState<readonly ValueFinding[]>([]);
  const [overrides, setOverrides] = useState<ReadonlyMap<string, boolean>>(new Map());

  const { sessionKey, keys, name, utf8 = false } = around;
  const asked = useMemo(
    () => ({
      ...(sessionKey !== undefined && { sessionKey }),
      ...(keys !== undefined && keys.length > 0 && { keys: [...keys] }),
      ...(name !== undefined && name !== '' && { name }),
    }),
    [sessionKey, keys, name],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: `keysSeen` asks again, since other keys may read more
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => {
      const request = { of: bytesOf(value, utf8), companions, ...asked, ...(as === null ? {} : { as: [...as] }) };
      if (withFindings) {
        app.client.call('value.findings', request).then(
          (answer) => !stale && setFindings(answer.findings),
          () => !stale && setFindings([]),
        );
      }
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
  }, [app, value, utf8, as, asked, companions, keysSeen, withFindings]);

  const stored = useAppState((state) => state.drafts.get(draftKey(VALUES, draftId)));
  const root = peel?.peel.value ?? null;
  const draft = useMemo(
    () => (peel === null || root === null ? null : currentDraft(stored, draftId, peel.of, root)),
    [stored, draftId, peel, root],
  );
  const sealed = KEY_PROBLEMS.has(peel?.peel.error?.kind ?? '');
  const stamped = peel?.peel.steps.some(({ facts }) => facts['stamp'] !== undefined) === true;
  const plain =
    !withPlain &&
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
        of: bytesOf(peel.of, utf8),
        companions,
        ...asked,
        ...(stamped && { stamp }),
        edits: [...draft.edits] as RequestOf<'value.edit'>['edits'],
        ...(peel.as === null ? {} : { as: [...peel.as] }),
      });
      app.dropDraft(VALUES, draftId);
      onValue?.(utf8 ? textOf(made.base64, made.text) : made.text, made.companions);
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
      {choosing && <LayerChooser layers={as ?? peel.peel.layers} tried={false} busy={false} onTry={setAs} />}
      {(choosing || withPlain) && <LayerSteps peel={peel.peel} />}
      {withFindings && <Findings findings={findings} />}
      {(problem ?? peel.peel.error) !== undefined && <ProblemBox problem={(problem ?? peel.peel.error) as Problem} />}
      {keysOf !== undefined && (peel.peel.signature !== undefined || sealed) && (
        <Keys place={`site ${keysOf}`} onChange={() => setKeysSeen(keysSeen + 1)} />
      )}
      {draft !== null && (
        <>
          <div className="inside-tree" style={{ height: (rows + 1) * ROW }}>
            <DataTree
              draft={draft}
              readOnly={onValue === undefined ? t('values.readOnly') : null}
              changes={NO_CHANGES}
              overrides={overrides}
              setOverrides={setOverrides}
              hitId={undefined}
            />
          </div>
          {onValue !== undefined && (
            <div className="row wrapping">
              {stamped && (
                <Choice label={t('values.stamp')} value={stamp} testId="value-stamp" onChange={setStamp}>
                  <option value="keep">{t('values.stamp.keep')}</option>
                  <option value="now">{t('values.stamp.now')}</option>
                </Choice>
              )}
              <Button disabled={draft.edits.length === 0} data-testid="cookie-inside-take" onClick={() => void take()}>
                {words?.label ?? t('cookie.inside.take')}
              </Button>
              {draft.edits.length > 0 && (
                <Button
                  variant="quiet"
                  onClick={() => app.dropDraft(VALUES, draftId)}
                  data-testid="cookie-inside-discard"
                >
                  {t('cookie.revert')}
                </Button>
              )}
              <span className="muted">{words?.hint ?? t('cookie.inside.hint')}</span>
            </div>
          )}
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
  return { storeId: VALUES, id, revision, base, edits: [], past: [], future: [] };
}

function bytesOf(value: string, utf8: boolean): { text: string } | { base64: string } {
  if (!utf8 || /^[\0-\x7f]*$/.test(value)) return { text: value };
  return { base64: btoa(Array.from(new TextEncoder().encode(value), (byte) => String.fromCharCode(byte)).join('')) };
}

/** The bytes as text, where they are UTF-8. */
function textOf(base64: string, latin1: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
  } catch {
    return latin1;
  }
}
