/** Which shell a command is written for: sh, bash and zsh, or cmd.exe. */
export type Shell = 'posix' | 'windows';

/** Plain words that no shell reads as anything else. zsh expands a leading `=`, every shell a leading `~`. */
const PLAIN = /^(?!=)[\w@%+=:,./-]+$/;
/**
 * What may stand between single quotes as it is: printable characters of any script, and line breaks. Control
 * characters, direction marks and unassigned code points may not: a terminal acts on them, or hides them.
 */
const SHOWABLE = /^[\n\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]*$/u;

/**
 * One word of a POSIX shell.
 * @param bytes the word as Latin-1 text, one character a byte
 * @param notes receives what could not be expressed
 */
export function quotePosix(bytes: string, notes: string[]): string {
  if (bytes === '') return "''";
  if (PLAIN.test(bytes)) return bytes;
  const text = showableText(bytes);
  if (text !== undefined) return `'${text.replace(/'/g, `'\\''`)}'`;
  if (bytes.includes('\0')) notes.push('A NUL byte cannot stand in a word of a command line and was left out');
  // `$'…'` is in POSIX since 2024, and in bash and zsh long before; dash of Debian lacks it.
  notes.push('The command needs bash or zsh: some of its words hold bytes that a plain sh cannot write');
  const escaped = bytes
    .replaceAll('\0', '')
    .replace(/[^\x20-\x7e]|['\\]/g, (char) => (char === "'" || char === '\\' ? `\\${char}` : octal(char)));
  return `$'${escaped}'`;
}

/** The characters of some bytes, if they are UTF-8 that can be shown and quoted as it is. */
export function showableText(bytes: string): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(bytes, (char) => char.charCodeAt(0)),
    );
    return SHOWABLE.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A `printf` command that writes exactly these bytes, NUL included, in every POSIX shell. `printf` is a builtin, so that
 * the limit on the length of arguments does not apply.
 */
export function printfCommand(bytes: string): string {
  const format = bytes.replace(/^-|[^\x20-\x7e]|['\\%]/g, (char) => (char === '%' ? '%%' : octal(char)));
  return `printf '${format}'`;
}

/** One word for cmd.exe, which knows no way to write line breaks or bytes. */
export function quoteWindows(text: string, notes: string[]): string {
  if (/[^\x20-\x7e]/.test(text))
    notes.push('Bytes that are no printable ASCII cannot stand on a command line of Windows and were changed');
  // The program's own rules (backslashes before a quote are doubled), then cmd's: every special sign behind a caret.
  const word = `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
  return word.replace(/[\x00-\x1f\x7f]+/g, ' ').replace(/[()%!^"<>&|]/g, '^$&');
}

const octal = (char: string): string => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`;
