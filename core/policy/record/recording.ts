import { fieldsOf } from './request-body.ts';

/** A request of a recording with its answer, as far as a policy is written from it. */
export interface RecordedRequest {
  /** The flow that it was, for reasons. */
  readonly id: string;
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** Content type without parameters, in lower case; empty where there is none. */
  readonly contentType: string;
  /** Undefined where it was not kept, or is no text. */
  readonly body: string | undefined;
  /** Header fields by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Cookies that were sent, by name. */
  readonly sent: Readonly<Record<string, string>>;
  /** Undefined: no answer. */
  readonly status: number | undefined;
  readonly location: string | undefined;
  readonly answerType: string;
  readonly answer: string | undefined;
  /** Cookies that the answer sets, by name; null: it deletes them. */
  readonly set: Readonly<Record<string, string | null>>;
}

/** Whether the answer is a page or data that a person looks at; scripts, styles and pictures are none. */
export function isContent({ answerType }: RecordedRequest): boolean {
  return /^(text\/html|application\/xhtml\+xml|application\/([\w.+-]+\+)?json|text\/plain)$/.test(answerType);
}

export function isUnsafe({ method }: Pick<RecordedRequest, 'method'>): boolean {
  return !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
}

export function pathOf(url: string): string {
  return url.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/[?#].*$/, '') || '/';
}

/** Names of fields that hold a password. */
const PASSWORD =
  /(^|[^a-z])(pass(wor[dt]|wd|phrase|code|word)?\d?|pwd|pw|kennwort|senha|contrasena|motdepasse|psw|mdp)([^a-z]|$)/i;
const separated = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2');

/** Names of a request's fields that are passwords: by their names, or because the page's form says so. */
export function passwordsIn(request: RecordedRequest, page?: RecordedRequest): string[] {
  const fields = fieldsOf(request);
  if (fields === undefined) return [];
  const typed = page?.answer === undefined ? new Set<string>() : passwordInputs(page.answer);
  return Object.keys(fields).filter((name) => typed.has(name) || PASSWORD.test(separated(name)));
}

/** One-time codes cannot be written into a file. */
export function asksCode(request: RecordedRequest): boolean {
  return Object.entries(fieldsOf(request) ?? {}).some(
    ([name, value]) =>
      /(^|[^a-z])(otp|totp|mfa|2fa|code|token|pin)([^a-z]|$)/i.test(separated(name)) && /^\d{4,8}$/.test(value),
  );
}

function passwordInputs(html: string): Set<string> {
  const found = new Set<string>();
  for (const [tag] of html.matchAll(/<input\b[^>]{0,2000}>/gi)) {
    if (!/\btype\s*=\s*["']?password\b/i.test(tag)) continue;
    const name = /\bname\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(tag);
    if (name !== null) found.add(name[1] ?? name[2] ?? name[3] ?? '');
  }
  return found;
}
