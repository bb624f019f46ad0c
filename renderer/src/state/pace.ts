/** Runs once, `ms` after the first call since its last run. */
export function later(ms: number, run: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      run();
    }, ms);
  };
}

/** Like `later` for work that takes time: never twice at once; calls meanwhile make one more run afterwards. */
export function oneAtATime(ms: number, run: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const start = later(ms, () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    void run().finally(() => {
      running = false;
      if (again) start();
      again = false;
    });
  });
  return start;
}

/** Collects what arrives in quick succession and hands it over together, in order. */
export function batched<T>(ms: number, take: (items: readonly T[]) => void): (item: T) => void {
  let items: T[] = [];
  const flush = later(ms, () => {
    const taken = items;
    items = [];
    take(taken);
  });
  return (item) => {
    items.push(item);
    flush();
  };
}
