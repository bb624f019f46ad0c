/** Waits until a condition holds, looking again every 25 ms. Throws with what it saw last when `limitMs` has passed. */
export async function until<T>(look: () => Promise<T>, holds: (seen: T) => boolean, limitMs = 15_000): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const seen = await look().catch((error: unknown) => error as T);
    if (!(seen instanceof Error) && holds(seen)) return seen;
    if (performance.now() > end) {
      throw new Error(
        `not within ${limitMs} ms; last seen: ${seen instanceof Error ? seen.message : JSON.stringify(seen)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
