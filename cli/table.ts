import stringWidth from 'string-width';

/** A column of a table in a terminal. */
export interface TableColumn {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly right?: boolean;
  /** May be cut with an ellipsis where the terminal is too narrow for all, down to so many cells. */
  readonly shrinks?: number;
}

const GAP = 2;

const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * The widths of the columns for these rows, in cells of a terminal: as wide as their contents, unless `width` is too
 * little for all; then those that may shrink give way, the widest first.
 */
export function columnWidths(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): number[] {
  const widths = columns.map(({ title }, at) =>
    rows.reduce((most, row) => Math.max(most, stringWidth(row[at] ?? '')), stringWidth(title)),
  );
  if (width === undefined) return widths;
  const total = () => widths.reduce((sum, one) => sum + one, GAP * (columns.length - 1));
  for (let over = total() - width; over > 0; over = total() - width) {
    const wide = (at: number) => widths[at] ?? 0;
    const least = (at: number) => columns[at]?.shrinks ?? wide(at);
    const [widest, next] = columns
      .map((_, at) => at)
      .filter((at) => wide(at) > least(at))
      .sort((a, b) => wide(b) - wide(a));
    if (widest === undefined) break;
    // No further than the next one, so that columns of one width shrink together.
    const down = Math.max(least(widest), next === undefined ? 0 : Math.min(wide(next), wide(widest) - 1));
    widths[widest] = Math.max(down, wide(widest) - over);
  }
  return widths;
}

/** One line of a table. Where a column was not shrunk, what is wider than it stands whole. Cells are made visible first (`core/model/visible.ts`). */
export function tableLine(
  columns: readonly TableColumn[],
  widths: readonly number[],
  cells: readonly string[],
): string {
  const last = columns.length - 1;
  return columns
    .map(({ right, shrinks }, at) => {
      const whole = cells[at] ?? '';
      const text = shrinks === undefined ? whole : cut(whole, widths[at] ?? 0);
      const blanks = ' '.repeat(Math.max(0, (widths[at] ?? 0) - stringWidth(text)));
      if (right === true) return blanks + text;
      return at === last ? text : text + blanks;
    })
    .join(' '.repeat(GAP));
}

/** The text, or its beginning with an ellipsis, in at most so many cells. Characters are not cut in two. */
function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of segments.segment(text)) {
    const wide = stringWidth(segment);
    if (used + wide > width - 1) break;
    kept += segment;
    used += wide;
  }
  return `${kept}…`;
}
