import { errorLine } from '../../../python/python-error.ts';
import type { WebContext } from './context.ts';

/** The page that an application in debug mode answers instead of `internal server error`: the exception and where. */
export function debugPage(error: unknown, context: WebContext): string {
  const title = `${errorLine(error)} at ${context.path}`;
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<html lang="en">
<head>
  <meta http-equiv="content-type" content="text/html; charset=utf-8" />
  <meta name="robots" content="NONE,NOARCHIVE" />
  <title>${escapeHtml(title)}</title>
</head>
<body>
  <h1>${escapeHtml(title)}</h1>
  <p>Debug mode is on. <code>config.debug = false</code> gives visitors a short message instead.</p>
  <pre>${escapeHtml(stack)}</pre>
</body>
</html>
`;
}

/** Text as it may stand in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
