/**
 * Remembers the answers of a pure function of a name, since traffic repeats the same few names. Bounded: names come
 * from the network, so the memory starts anew when a peer sends very many.
 */
export function remembered<T>(answer: (name: string) => T, capacity = 4096): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    let value = known.get(name);
    if (value === undefined) {
      if (known.size >= capacity) known.clear();
      value = answer(name);
      known.set(name.slice(0, 512), value);
    }
    return value;
  };
}
