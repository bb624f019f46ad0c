/*
 * A list of header names and values as one text: most lists come again and again, and one text is looked up, sent to
 * another thread and written more cheaply than a list of forty.
 */

/** The list as text: its parts with line feeds between them, or JSON behind a line feed where they hold some themselves. */
export function textOfList(list: readonly string[]): string {
  if (list.length === 0) return '';
  const text = list.join('\n');
  if (list[0] !== '' && lineFeeds(text) === list.length - 1) return text;
  return `\n${JSON.stringify(list)}`;
}

/** The list that became this text. */
export function listOfText(text: string): string[] {
  if (text === '') return [];
  return text.startsWith('\n') ? (JSON.parse(text.slice(1)) as string[]) : text.split('\n');
}

function lineFeeds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
