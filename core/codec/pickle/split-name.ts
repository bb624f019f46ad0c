export type Name = readonly [module: string, name: string];

/**
 * Module and name behind a dotted name such as `shop_models.Order.Line`: the module ends before the first word with a
 * capital, or else before the last word.
 */
export function splitName(dotted: string): Name {
  const words = dotted.split('.');
  if (words.length < 2) return ['builtins', dotted];
  const capital = words.findIndex((word, index) => index > 0 && /^[A-Z]/.test(word));
  const cut = capital > 0 ? capital : words.length - 1;
  return [words.slice(0, cut).join('.'), words.slice(cut).join('.')];
}
