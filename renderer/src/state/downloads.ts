const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  json: 'application/json',
  xml: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
};
const REVOKE_AFTER_MS = 60_000;

/** Hands a text, or bytes as base64, to the downloads of the browser, which asks where to put it or does not. */
export function download(name: string, content: { readonly text: string } | { readonly base64: string }): void {
  const url = URL.createObjectURL(blobOf(name, content));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}

function blobOf(name: string, content: { readonly text: string } | { readonly base64: string }): Blob {
  if ('base64' in content) {
    const bytes = Uint8Array.from(atob(content.base64), (char) => char.charCodeAt(0));
    return new Blob([bytes], { type: 'application/octet-stream' });
  }
  const ending = name.split('.').at(-1) ?? '';
  return new Blob([content.text], { type: `${TYPES[ending] ?? 'text/plain'};charset=utf-8` });
}
