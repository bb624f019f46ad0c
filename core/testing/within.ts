const LOOK_MS = 50;

/** What is found once it is as wished, or what there is when `limitMs` has passed. */
export async function within<T>(look: () => Promise<T>, holds: (found: T) => boolean, limitMs = 5_000): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (holds(found) || performance.now() > end) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
