import { afterAll, beforeAll, expect, it } from 'vitest';
import { problem } from '../../../../core/model/problem.ts';
import type { RecordStore } from '../../../../core/model/record.ts';
import { carryOut } from '../../../../core/policy/live/carry-out.ts';
import { EXPERIMENTS } from '../../../../core/policy/live/catalog.ts';
import type { JournalEntry } from '../../../../core/policy/live/journal.ts';
import { ACTS } from '../../../../core/policy/live/run-experiments.ts';
import { createMany, removeMany } from '../../../../core/stores/many.ts';
import { type LabRunShown, runLab } from '../../../support/lab-harness.ts';
import { type LabPlace, labPlace, PLACE_KINDS } from '../../../support/lab-places.ts';
import { needs } from '../../../support/needs.ts';
import { wrapStore } from '../../../support/wrap-store.ts';

/*
 * Every experiment on the real web.py with each of the four stores: whether it ends well, is cancelled at a request, or
 * fails at a request, a write or the journal, every record's bytes and last use are what they were, and nothing is left.
 * All steps with LAB_STEPS=all; otherwise some of them, others for each experiment and store.
 */

const ALL = process.env['LAB_STEPS'] === 'all';
const EVERY = ALL ? 1 : 8;
const EVERY_WITH_CANARIES = ALL ? 1 : 20;
/** Enough to be planted in several goes: seconds, oldest first. */
const AGES = Array.from({ length: 1_100 }, (_, i) => 110_000 - i * 100);

/** At most so many points of each kind, from the first to the last. */
const MOST_POINTS = 4;

function spread(points: readonly number[]): readonly number[] {
  if (ALL || points.length <= MOST_POINTS) return points;
  return Array.from({ length: MOST_POINTS }, (_, i) => points[Math.floor((i * points.length) / MOST_POINTS)] ?? 0);
}

/** Experiments that remove the record, and that leave it alone. */
const VISITED = ['record-alone', 'address-change', 'unknown-id'];

/** What can run without a login of its own and writes. */
const WRITING = EXPERIMENTS.filter(
  ({ meta }) => meta.writes && !meta.needs.some((need) => need === 'login' || ACTS.has(need)),
);

interface Steps {
  requests: number;
  writes: number;
  journal: number;
}

const webpy = needs('webpy', 'postgres', 'mariadb', 'psycopg2', 'pymysql');

webpy.each(PLACE_KINDS.map((kind, at) => ({ kind, at })))('everything is as it was: $kind', ({ kind, at }) => {
  let place: LabPlace;
  let runs = 0;
  beforeAll(async () => {
    place = await labPlace(kind);
  }, 60_000);
  afterAll(async () => {
    await place?.stop();
    console.log(`${kind}: ${runs} runs, the store as before after each`);
  });

  /** A run in which something happens at the so-manieth step of a kind (from 1). */
  const run = async (
    experiment: string,
    at: { cancel?: number; request?: number; write?: number; journal?: number } = {},
  ): Promise<{ shown: LabRunShown; steps: Steps }> => {
    runs += 1;
    const steps: Steps = { requests: 0, writes: 0, journal: 0 };
    const abort = new AbortController();
    const refused = () => problem('store-busy', 'The store refuses once');
    const writing =
      <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        steps.writes += 1;
        if (steps.writes === at.write) throw refused();
        return await write(...args);
      };
    const wrap = (store: RecordStore): RecordStore =>
      wrapStore(store, {
        replace: writing((...args) => store.replace(...args)),
        create: writing((...args) => store.create(...args)),
        setLastUsed: writing((...args) => store.setLastUsed(...args)),
        remove: writing((...args) => store.remove(...args)),
        createMany: writing((...args) => createMany(store, ...args)),
        removeMany: writing((...args) => removeMany(store, ...args)),
      });
    const shown = await runLab(place.target, {
      cookie: place.id,
      experiments: [experiment],
      settings: { addresses: ['127.0.0.2'], absoluteSeconds: 86_400 },
      signal: abort.signal,
      ports: { canaryAges: AGES },
      wrap,
      around: (replay) => async (flow, changes, options) => {
        steps.requests += 1;
        if (steps.requests === at.request) throw problem('no-answer', 'The request fails once');
        // Cancelled while the application is at work on it.
        const sent = replay(flow, changes, options);
        if (steps.requests === at.cancel) abort.abort();
        return await sent;
      },
      journal: async () => {
        steps.journal += 1;
        if (steps.journal === at.journal) throw problem('workspace-not-saved', 'The disk is full once');
      },
    });
    return { shown, steps };
  };

  /** As after a restart, where the run itself could not put everything back. */
  const recoverIfNeeded = async ({ restored, journal }: LabRunShown): Promise<void> => {
    if (!restored)
      await carryOut(journal.findLast((entry): entry is JournalEntry => entry !== null) as JournalEntry, place.store);
  };

  it.each(WRITING.map(({ meta }, number) => ({ id: meta.id, ages: meta.needs.includes('age'), number })))(
    '$id',
    { timeout: 600_000 },
    async ({ id, ages, number }) => {
      const before = await place.look();
      const { shown, steps } = await run(id);
      expect(shown.state).toBe('done');
      expect(shown.restored).toBe(true);
      expect(shown.problem).toBeUndefined();
      expect(await place.look(), 'after it ended well').toEqual(before);

      const every = ages ? EVERY_WITH_CANARIES : EVERY;
      const points = (most: number) =>
        spread(Array.from({ length: most }, (_, i) => i + 1).filter((step) => (step + number + at) % every === 0));
      for (const cancel of points(steps.requests)) {
        const { shown: ended } = await run(id, { cancel });
        expect(ended.state).toBe('cancelled');
        expect(ended.restored).toBe(true);
        expect(await place.look(), `cancelled at request ${cancel}`).toEqual(before);
      }
      for (const request of points(steps.requests)) {
        await recoverIfNeeded((await run(id, { request })).shown);
        expect(await place.look(), `failed at request ${request}`).toEqual(before);
      }
      for (const write of points(steps.writes)) {
        await recoverIfNeeded((await run(id, { write })).shown);
        expect(await place.look(), `failed at write ${write}`).toEqual(before);
      }
      for (const journal of points(steps.journal)) {
        await recoverIfNeeded((await run(id, { journal })).shown);
        expect(await place.look(), `journal ${journal} not written`).toEqual(before);
      }
    },
  );
});

needs('webpy')('the journal comes first', () => {
  let place: LabPlace;
  beforeAll(async () => {
    place = await labPlace('disk');
  }, 60_000);
  afterAll(() => place?.stop());

  it('writes nothing into the store as long as the journal cannot be written', async () => {
    const before = await place.look();
    let writes = 0;
    const shown = await runLab(place.target, {
      cookie: place.id,
      wrap: (store) =>
        wrapStore(store, {
          create: async (...args) => {
            writes += 1;
            await store.create(...args);
          },
          setLastUsed: async (...args) => {
            writes += 1;
            return await store.setLastUsed(...args);
          },
        }),
      journal: async (entry) => {
        if (entry !== null) throw problem('workspace-not-saved', 'The disk is full');
      },
    });
    expect(shown).toMatchObject({ state: 'failed', restored: true, problem: { kind: 'workspace-not-saved' } });
    expect(shown.outcomes).toEqual([]);
    expect(writes).toBe(0);
    expect(await place.look()).toEqual(before);
  });

  /** Runs experiments, and when a step was noted while no request was under way, somebody else uses the session. */
  const runWithVisitor = async (path: string, step: number, before = async () => {}) => {
    let quiet = 0;
    return await runLab(place.target, {
      cookie: place.id,
      experiments: VISITED,
      journal: async (entry) => {
        if (entry?.asking !== null) return;
        quiet += 1;
        if (quiet !== step) return;
        await before();
        await visit(path);
      },
    });
  };
  const visit = (path: string) =>
    fetch(place.target.origin + path, { headers: { cookie: `webpy_session_id=${place.id}` } }).then((got) =>
      got.text(),
    );

  it('keeps what a visitor wrote into the record at any step: before, between and after the requests of a run', {
    timeout: 300_000,
  }, async () => {
    let steps = 0;
    await runLab(place.target, {
      cookie: place.id,
      experiments: VISITED,
      journal: async (entry) => void (steps += entry?.asking === null ? 1 : 0),
    });
    const kept: string[] = [];
    let away = 0;
    const every = ALL ? 1 : 4;
    for (let step = 1; step <= steps; step += every) {
      let there = true;
      const shown = await runWithVisitor('/login?user=bob', step, async () => {
        there = (await place.store.read(place.id)) !== undefined;
      });
      expect(shown.restored, `step ${step}`).toBe(true);
      // While the lab has the record away, nobody has that session: then web.py gives the visitor another one.
      if (there) {
        expect(await visit('/whoami'), `step ${step}`).toBe('logged in as bob');
        kept.push(String(step));
      } else away += 1;
      await visit('/login?user=alice');
    }
    console.log(`a visitor's write was kept at ${kept.length} of ${steps} steps; at ${away} the record was away`);
    expect(kept.length).toBeGreaterThanOrEqual(15 / every);
    expect(away).toBeLessThanOrEqual(3);
  });

  it('does not bring back a session that its owner ended while the experiments ran', async () => {
    const shown = await runWithVisitor('/logout', 17);
    expect(shown.restored).toBe(true);
    expect(await place.store.read(place.id)).toBeUndefined();
    expect(shown.outcome('unknown-id')?.sentence).toContain('ended the session');
  });
});
