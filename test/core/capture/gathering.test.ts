import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Gathered, Gathering } from '../../../core/capture/gathering.ts';

interface Named extends Gathered {
  readonly name: string;
}

const named = (name: string): Named => ({ name, place: -1 });

function gathering(delayMs: number) {
  const told: string[] = [];
  return { told, gathering: new Gathering<Named>(delayMs, ({ name }) => told.push(name)) };
}

it('tells what may be told soon once, in the next turn, and not again when the time has come', async () => {
  const { told, gathering: g } = gathering(60_000);
  const one = named('one');
  g.later(one);
  g.later(named('slow'));
  g.soon(one);
  expect(told).toEqual([]);
  await nextTurn();
  expect(told).toEqual(['one']);
  g.settle();
  expect(told).toEqual(['one', 'slow']);
});

it('tells all when asked, in the order in which it came, what is over at the end', () => {
  const { told, gathering: g } = gathering(60_000);
  const over = named('over');
  g.later(over);
  for (const name of ['a', 'b', 'c']) g.later(named(name));
  g.soon(over);
  g.settle();
  expect(told).toEqual(['a', 'b', 'c', 'over']);
  g.settle();
  expect(told).toHaveLength(4);
});

it('does not take one that waits now for one that stood in its place before', async () => {
  const { told, gathering: g } = gathering(60_000);
  const old = named('old');
  g.later(old);
  g.settle();
  g.later(named('new'));
  g.soon(old);
  await nextTurn();
  g.settle();
  expect(told).toEqual(['old', 'old', 'new']);
});

it('tells by itself after the time', async () => {
  const told = await new Promise<string>((resolve) => {
    const g = new Gathering<Named>(1, ({ name }) => resolve(name));
    g.later(named('late'));
  });
  expect(told).toBe('late');
});
