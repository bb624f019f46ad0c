/** What is needed of a request to read its fields. */
interface Sent {
  readonly contentType: string;
  readonly body: string | undefined;
}

/**
 * The fields of a form or of a flat JSON object, by name. Undefined for any other body. Values of JSON that are no texts are
 * given as JSON.
 */
export function fieldsOf({ contentType, body }: Sent): Record<string, string> | undefined {
  if (body === undefined || body === '') return undefined;
  if (contentType === 'application/x-www-form-urlencoded') {
    return Object.fromEntries(new URLSearchParams(body));
  }
  if (isJson(contentType)) {
    const value = jsonOf(body);
    if (value === undefined) return undefined;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, typeof one === 'string' ? one : JSON.stringify(one)]),
    );
  }
  if (contentType === 'multipart/form-data') return multipart(body);
  return undefined;
}

export function isJson(contentType: string): boolean {
  return /^application\/([\w.+-]+\+)?json$/.test(contentType);
}

/** A JSON object; undefined for everything else. */
export function jsonOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Fields without a file name; a browser's own form, so that the boundary is the first line. */
function multipart(body: string): Record<string, string> | undefined {
  const boundary = /^(--[^\r\n]{1,200})\r?\n/.exec(body)?.[1];
  if (boundary === undefined) return undefined;
  const found: Record<string, string> = {};
  for (const part of body.split(boundary)) {
    const match =
      /^\r?\ncontent-disposition:\s*form-data;\s*name="([^"]*)"\s*\r?\n(?:[^\r\n]+\r?\n)*\r?\n([\s\S]*?)\r?\n$/i.exec(
        part,
      );
    if (match?.[1] !== undefined) found[match[1]] = match[2] ?? '';
  }
  return found;
}
