const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  json: 'application/json',
  xml: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
};
const REVOKE_AFTER_MS = 60_000;

/** Hands a text to the downloads of the browser or of the desktop window, which ask where to put it. */
export function saveFile(name: string, text: string): void {
  const ending = name.split('.').at(-1) ?? '';
  const url = URL.createObjectURL(new Blob([text], { type: `${TYPES[ending] ?? 'text/plain'};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
