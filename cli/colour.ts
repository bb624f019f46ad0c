/** What a colour says. */
export type Colour = 'bold' | 'red' | 'yellow' | 'green';

const CODES: Readonly<Record<Colour, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
};

/**
 * Whether output has colours: on a terminal that can show them, unless NO_COLOR is set to anything; FORCE_COLOR is
 * stronger than both and brings them into a pipe or a log as well (0 and false turn them off).
 */
export function hasColours(
  stream: { readonly isTTY?: boolean } = process.stdout,
  env: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** The text in a colour, where there are colours. */
export function coloured(text: string, colour: Colour, on: boolean = hasColours()): string {
  const [begin, end] = CODES[colour];
  return on ? `\u001b[${begin}m${text}\u001b[${end}m` : text;
}
