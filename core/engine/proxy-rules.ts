import type { RuleInfo } from '../model/app.ts';
import { guarded } from '../model/failures.ts';
import { problem } from '../model/problem.ts';
import type { RuleAsk } from '../model/proxy-settings.ts';
import type { ProxyHooks } from '../proxy/hooks.ts';
import { createRules, type NewRule, type Rule, type Rules } from '../proxy/rules/rules.ts';
import type { SettingsTable } from '../workspace/settings-table.ts';

type Table = Pick<SettingsTable, 'rules' | 'putRule' | 'removeRule'>;

/** Counts of rules are told at most so often. */
const TELL_MS = 200;

/** The rules that a user made: kept in the workspace, in force as soon as they are added. */
export class ProxyRules {
  readonly #rules: Rules;
  readonly #table: Table;
  readonly #listeners: (() => void)[] = [];
  readonly #asks = new Map<string, RuleAsk>();
  #nextId = '';
  #notifying: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly table: Table;
    readonly newId: () => string;
    readonly log: (line: string) => void;
  }) {
    this.#table = options.table;
    this.#rules = createRules({ id: () => this.#nextId || options.newId() });
    for (const { id, rule } of this.#table.rules()) {
      try {
        const { ask, paused } = rule as { ask: RuleAsk; paused?: boolean };
        this.#add(id, ask);
        if (paused === true) this.#rules.pause(id);
      } catch (error) {
        options.log(`the rule ${id} of the workspace cannot be used: ${(error as Error).message}`);
      }
    }
    this.#rules.onApplied(() => {
      this.#notifying ??= setTimeout(() => guarded('counts of the rules', () => this.#notify()), TELL_MS);
    });
  }

  /** Tells of each change of the list, and now and then of new counts. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  get hooks(): ProxyHooks {
    return this.#rules.hooks;
  }

  list(): RuleInfo[] {
    return this.#rules.list().map((rule) => this.#info(rule));
  }

  has(ruleId: string): boolean {
    return this.#asks.has(ruleId);
  }

  /** @throws ProblemError `bad-rule`, `bad-cookie`, `bad-header` */
  add(ask: RuleAsk): RuleInfo {
    const rule = this.#add('', ask);
    this.#table.putRule(rule.id, { ask, paused: false });
    this.#changed();
    return this.#info(rule);
  }

  enable(ruleId: string, enabled: boolean): void {
    this.#rules.pause(ruleId, !enabled);
    this.#table.putRule(ruleId, { ask: this.#asks.get(ruleId), paused: !enabled });
    this.#changed();
  }

  remove(ruleId: string): void {
    this.#rules.remove(ruleId);
    this.#forget(ruleId);
    this.#changed();
  }

  close(): void {
    if (this.#notifying !== undefined) this.#notify();
  }

  #add(id: string, ask: RuleAsk): Rule {
    this.#nextId = id;
    try {
      const rule = this.#rules.add(newRule(ask));
      this.#asks.set(rule.id, ask);
      return rule;
    } finally {
      this.#nextId = '';
    }
  }

  /** A rule whose number of times is used up is not listed any more. */
  #notify(): void {
    clearTimeout(this.#notifying);
    this.#notifying = undefined;
    const left = new Set(this.#rules.list().map(({ id }) => id));
    for (const id of [...this.#asks.keys()]) if (!left.has(id)) this.#forget(id);
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #forget(ruleId: string): void {
    this.#asks.delete(ruleId);
    this.#table.removeRule(ruleId);
  }

  #info({ id, label, scope, paused, applied, on }: Rule): RuleInfo {
    return {
      ruleId: id,
      title: label,
      host: scope?.host ?? '*',
      enabled: !paused,
      applied,
      on,
      ...(scope?.path === undefined ? {} : { path: scope.path }),
    };
  }
}

function newRule({ on, host, path, times, change }: RuleAsk): NewRule {
  if (path !== undefined && !path.startsWith('/')) {
    throw problem('bad-rule', 'A path begins with /', { remedy: 'Write /shop for everything below it.' });
  }
  const scope = { ...(host === undefined ? {} : { host }), ...(path === undefined ? {} : { path }) };
  return { on, scope, ...(times === undefined ? {} : { times }), change: changeOf(change) };
}

function changeOf(change: RuleAsk['change']): NewRule['change'] {
  if (change.kind === 'header') {
    if (change.value === undefined && change.remove !== true) {
      throw problem('bad-rule', 'The rule changes nothing', { remedy: 'Give a value, or let it remove the field.' });
    }
    return change;
  }
  const { set = {}, removeAttributes = [], ...cookie } = change;
  const attributes = Object.entries(set).map(([name, value]): [string, string | true] => [name, value ?? true]);
  const edits = attributes.length > 0 || removeAttributes.length > 0;
  if (cookie.value === undefined && cookie.remove !== true && !edits) {
    throw problem('bad-rule', 'The rule changes nothing', {
      remedy: 'Give a value or an attribute, or let it remove the cookie.',
    });
  }
  if (cookie.cookie === '') throw problem('bad-rule', 'Which cookie?', { remedy: 'Give the name of the cookie.' });
  return {
    ...cookie,
    ...(edits ? { attributes: { set: Object.fromEntries(attributes), remove: removeAttributes } } : {}),
  };
}
