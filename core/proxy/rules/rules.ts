import { problem } from '../../model/problem.ts';
import type { Exchange } from '../exchange.ts';
import type { ProxyHooks, Side } from '../hooks.ts';
import { changeHeaders, checkChange } from './change-headers.ts';
import { type NewRule, type Rule, ruleInWords } from './rule.ts';
import { inScope } from './rule-scope.ts';

export type { NewRule, Rule } from './rule.ts';

/** One message that a rule changed. */
export interface RuleApplied {
  readonly ruleId: string;
  readonly flowId: string;
  readonly side: Side;
  readonly url: string;
}

/** The rules of a proxy: a hook for its list of hooks, and the handle by which people change them. */
export interface Rules {
  readonly hooks: ProxyHooks;
  /** Adds a rule at the end; rules apply in order. @throws ProblemError `bad-rule`, `bad-cookie`, `bad-header` */
  add(rule: NewRule): Rule;
  list(): Rule[];
  /** @throws ProblemError `not-found` */
  pause(id: string, paused?: boolean): Rule;
  /** @returns false when there is none of that id */
  remove(id: string): boolean;
  /** Called for each change; returns the way to stop that. */
  onApplied(listener: (applied: RuleApplied) => void): () => void;
}

type Kept = { -readonly [K in keyof Rule]: Rule[K] };

/**
 * Rules that change one cookie or header field in flight, request or response, by host and path. The rest of a message
 * stays byte for byte. Without rules for a message nothing is looked at.
 *
 * @param options.id gives the ids of new rules; a counter when absent
 */
export function createRules(options: { id?: () => string } = {}): Rules {
  let count = 0;
  const nextId = options.id ?? (() => `rule-${++count}`);
  let rules: Kept[] = [];
  const active: Record<Side, Kept[]> = { request: [], response: [] };
  const listeners = new Set<(applied: RuleApplied) => void>();

  const refresh = (): void => {
    for (const side of ['request', 'response'] as const) {
      active[side] = rules.filter((rule) => rule.on === side && !rule.paused);
    }
  };

  const apply = (exchange: Exchange, side: Side): void => {
    if (active[side].length === 0 || exchange.own !== undefined) return;
    const { url, httpVersion } = exchange.request;
    const head = side === 'request' ? exchange.request : exchange.response;
    if (head === undefined) return;
    for (const rule of active[side]) {
      if (!inScope(rule.scope, url)) continue;
      const changed = changeHeaders(head.rawHeaders, side, rule.change, httpVersion);
      if (changed === undefined) continue;
      head.rawHeaders = changed;
      exchange.editedBy.push(rule.label);
      rule.applied += 1;
      for (const listener of listeners) listener({ ruleId: rule.id, flowId: exchange.id, side, url });
      if (rule.times !== undefined && rule.applied >= rule.times) drop(rule.id);
    }
  };

  const drop = (id: string): boolean => {
    const left = rules.filter((rule) => rule.id !== id);
    const found = left.length < rules.length;
    rules = left;
    refresh();
    return found;
  };

  return {
    hooks: {
      name: 'rules',
      request: (exchange) => apply(exchange, 'request'),
      response: (exchange) => apply(exchange, 'response'),
    },
    add(rule) {
      if (rule.times !== undefined && !(rule.times >= 1)) throw problem('bad-rule', 'A rule applies at least once');
      checkChange(rule.on, rule.change);
      const kept: Kept = { ...rule, id: nextId(), label: rule.label ?? ruleInWords(rule), paused: false, applied: 0 };
      rules.push(kept);
      refresh();
      return { ...kept };
    },
    list: () => rules.map((rule) => ({ ...rule })),
    pause(id, paused = true) {
      const rule = rules.find((r) => r.id === id);
      if (rule === undefined) throw problem('not-found', `There is no rule ${id}`);
      rule.paused = paused;
      refresh();
      return { ...rule };
    },
    remove: drop,
    onApplied(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
