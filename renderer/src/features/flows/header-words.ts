/** One line on headers that matter to sessions and caches; the texts are those of the RFCs in short. */
const WORDS: Readonly<Record<string, string>> = {
  cookie: 'Cookies that the browser sends with this request',
  'set-cookie': 'Asks the browser to store, change or delete one cookie',
  host: 'The host the request is for; decides which cookies are sent',
  origin: 'Where the request was started from; checked against cross-site requests',
  referer: 'The page that led here',
  authorization: 'Credentials or a token instead of a cookie',
  'user-agent': 'The browser; some applications tie a session to it',
  'x-forwarded-for': 'Client addresses that proxies passed on',
  'x-real-ip': 'Client address that a reverse proxy passed on',
  forwarded: 'Client address, host and scheme that proxies passed on (RFC 7239)',
  'cache-control': 'Who may keep a copy, and for how long',
  'content-type': 'Type of the body',
  'content-encoding': 'How the body is compressed',
  'content-length': 'Size of the body in bytes',
  'transfer-encoding': 'How the body is framed',
  location: 'Where to go next',
  'strict-transport-security': 'From now on only HTTPS for this host',
  'content-security-policy': 'What the page may load and run',
  'sec-fetch-site': 'Whether the request is same-origin, same-site or cross-site; SameSite follows it',
  vary: 'Which request headers the answer depends on',
  date: 'When the answer was made, by the server’s clock',
  server: 'The software of the server',
  'clear-site-data': 'Asks the browser to delete cookies or storage',
};

export function explainHeader(name: string): string | undefined {
  return WORDS[name.toLowerCase()];
}
