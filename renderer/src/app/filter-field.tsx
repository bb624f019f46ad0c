import { Search, X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { type Completions, complete } from '../../../core/filter/complete.ts';
import type { Problem } from '../../../core/model/problem.ts';
import { useText } from '../i18n/index.ts';
import { useProblemWords } from '../i18n/problem-words.ts';
import { useApp, useAppState } from '../state/app.ts';
import { filterValues } from '../state/filter-values.ts';
import { withUsed } from '../state/settings.ts';
import { IconButton } from '../ui/button.tsx';
import { Input } from '../ui/controls.tsx';
import { FilterViews } from './filter-views.tsx';

/** One field for both lists: it filters the flows on the screen of flows, the sessions everywhere else. */
export function FilterField() {
  const t = useText();
  const app = useApp();
  const onFlows = useAppState((state) => state.ui.screen === 'flows');
  const value = useAppState((state) => (onFlows ? state.flows.filter : state.sessions.filter));
  const problem = useAppState((state) => (onFlows ? state.flows.problem : state.sessions.problem));
  const [draft, setDraft] = useState(value);
  const [offered, setOffered] = useState<Completions | null>(null);
  const [marked, setMarked] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  const listId = useId();
  // The stored value changes from elsewhere too (restored settings, the palette): follow it unless the user types.
  useEffect(() => {
    if (document.activeElement !== field.current) setDraft(value);
  }, [value]);
  const close = () => {
    setOffered(null);
    setMarked(-1);
  };
  const put = (next: string) => {
    setDraft(next);
    void (onFlows ? app.filterFlows(next) : app.filterSessions(next));
  };
  /** The user is done with a filter that can be read: it is offered again later. */
  const used = (filter: string) => {
    if (filter.trim() === '' || problem?.kind === 'filter') return;
    const usedFilters = withUsed(app.state.settings.usedFilters, filter);
    if (usedFilters[0] !== app.state.settings.usedFilters[0]) app.remember({ usedFilters });
  };
  const offer = (text: string, cursor: number) => {
    setMarked(-1);
    const found = complete(text, cursor, (key) => filterValues(app.state, key));
    setOffered(found.options.length === 0 ? null : found);
  };
  const take = (index: number) => {
    const option = offered?.options[index];
    if (offered === null || option === undefined) return;
    const next = draft.slice(0, offered.from) + option.insert + draft.slice(offered.to);
    const cursor = offered.from + option.insert.length;
    put(next);
    // A field is followed by its value: go on offering.
    if (offered.field === undefined) offer(next, cursor);
    else close();
    requestAnimationFrame(() => field.current?.setSelectionRange(cursor, cursor));
  };
  const open = offered !== null;
  const wrong = problem?.kind === 'filter' && !(open && isBeingTyped(problem, draft, offered.to)) ? problem : undefined;
  return (
    <search className="filter">
      <Search size={14} aria-hidden />
      <Input
        ref={field}
        id="filter"
        type="text"
        role="combobox"
        aria-label={t('top.filter')}
        aria-expanded={open}
        aria-controls={listId}
        aria-autocomplete="list"
        {...(marked < 0 ? {} : { 'aria-activedescendant': `${listId}-${marked}` })}
        {...(wrong === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': 'filter-problem' })}
        placeholder={t('top.filter.placeholder')}
        value={draft}
        spellCheck={false}
        autoComplete="off"
        data-testid="filter"
        onChange={(event) => {
          put(event.target.value);
          offer(event.target.value, event.target.selectionStart ?? event.target.value.length);
        }}
        onBlur={() => {
          close();
          used(draft);
        }}
        onKeyDown={(event) => {
          const count = offered?.options.length ?? 0;
          if (event.key === 'Escape') {
            if (open) close();
            else if (draft !== '') put('');
            else event.currentTarget.blur();
          } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            if (!open) offer(draft, event.currentTarget.selectionStart ?? draft.length);
            else
              setMarked(event.key === 'ArrowDown' ? (marked + 1) % count : (Math.max(marked, 0) + count - 1) % count);
          } else if (open && marked >= 0 && (event.key === 'Enter' || event.key === 'Tab')) {
            event.preventDefault();
            take(marked);
          } else if (event.key === 'Enter') {
            close();
            used(draft);
          }
        }}
      />
      {draft !== '' && (
        <IconButton className="clear" aria-label={t('top.filter.clear')} onClick={() => put('')}>
          <X size={14} aria-hidden />
        </IconButton>
      )}
      <FilterViews filter={draft} onTake={put} />
      <div className="filter-below" hidden={!open && wrong === undefined}>
        {wrong !== undefined && <FilterProblem problem={wrong} />}
        <div id={listId} role="listbox" aria-label={t('top.filter.offers')} className="filter-offers" hidden={!open}>
          {offered?.options.map((option, index) => (
            // The keys are handled by the field, which keeps the focus.
            // biome-ignore lint/a11y/useKeyWithClickEvents: see above
            // biome-ignore lint/a11y/useFocusableInteractive: see above
            <div
              key={option.insert}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === marked}
              className="filter-offer"
              data-testid="filter-option"
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(index)}
            >
              <span className="mono">{option.title}</span>
              {option.about !== undefined && <span className="muted cut">{option.about}</span>}
            </div>
          ))}
        </div>
      </div>
    </search>
  );
}

/** The mistake is the word before the cursor, for which completions are shown: it is only not finished yet. */
function isBeingTyped({ at = 0 }: Problem, text: string, cursor: number): boolean {
  return text[at] !== '(' && !/\s/.test(text.slice(at, cursor));
}

/** What the filter says that cannot be understood, below its field. */
function FilterProblem({ problem }: { problem: Problem }) {
  const words = useProblemWords(problem);
  return (
    <p id="filter-problem" className="filter-problem" role="alert" data-testid="filter-problem">
      <strong>{words.message}</strong>
      {words.detail !== undefined && <span lang="en"> {words.detail}</span>}
      {words.remedy !== undefined && <span> {words.remedy}</span>}
    </p>
  );
}
