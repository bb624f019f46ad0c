/**
 * The script of the check page, as text: it runs in the browser, under a policy that lets it ask the few addresses of
 * the checks and nothing else. It begins the checks again until all are good, so a remedy shows its effect at once.
 */
export const CHECK_SCRIPT = `
'use strict';
const config = JSON.parse(document.getElementById('config').textContent);
const text = config.texts;
const agent = navigator.userAgent;
const firefox = /firefox\\//i.test(agent);
const safari = !/chrom|firefox/i.test(agent) && /safari/i.test(agent);
const certificateRemedy = firefox && !/android/i.test(agent) ? text.firefoxCertificate
  : /android/i.test(agent) ? text.androidCertificate
  : /iphone|ipad/i.test(agent) ? text.iosCertificate
  : /windows/i.test(agent) ? text.windowsCertificate
  : /macintosh/i.test(agent) ? text.macCertificate
  : text.chromiumCertificate;
const localhostRemedy = firefox ? text.firefoxLocalhost : safari ? text.safariLocalhost : text.chromiumLocalhost;
const lines = {};
for (const element of document.querySelectorAll('[data-check]')) lines[element.dataset.check] = element;

function show(name, state, note, detail) {
  const line = lines[name];
  const word = state === 'good' ? text.good : state === 'bad' ? text.bad : text.working;
  if (line.dataset.state !== state) line.dataset.state = state;
  const set = (selector, value) => {
    const element = line.querySelector(selector);
    if (element.textContent !== value) element.textContent = value;
    element.hidden = value === '';
  };
  set('.state', word);
  set('.note', note || '');
  set('.detail', detail || '');
}

async function ask(url) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 5000);
  try {
    const answer = await fetch(url, { cache: 'no-store', credentials: 'omit', signal: stop.signal });
    return await answer.json();
  } finally {
    clearTimeout(timer);
  }
}

async function checkHttp() {
  if (location.protocol === 'https:') {
    show('http', 'good', text.httpsPage);
    return true;
  }
  const answer = await ask('/check/http').catch(() => null);
  const good = Boolean(answer && answer.through);
  show('http', good ? 'good' : 'bad', good ? '' : text.httpBad);
  return good;
}

async function checkHttps() {
  const answer = await ask('https://' + config.host + '/check/https').catch(() => null);
  const good = Boolean(answer && answer.secure);
  show('https', good ? 'good' : 'bad', good ? '' : text.httpsBad + ' ' + certificateRemedy + ' ' + text.whole);
  return good;
}

async function checkLocalhost() {
  if (config.echoPort === 0) return true;
  const answer = await ask('http://localhost:' + config.echoPort + '/seen').catch(() => null);
  const good = Boolean(answer && answer.through);
  const note = good ? '' : answer ? text.localhostBad + ' ' + localhostRemedy : text.localhostGone;
  show('localhost', good ? 'good' : 'bad', note);
  show('seen', answer ? 'good' : 'bad', answer ? '' : text.localhostGone, answer ? answer.address : '');
  return good;
}

async function checkRecording() {
  const answer = await ask('/status.json').catch(() => null);
  if (answer === null) {
    show('recording', 'bad', text.recordingUnknown);
    return false;
  }
  show('recording', answer.recording ? 'good' : 'bad', answer.recording ? '' : text.recordingBad);
  links(answer.links);
  return answer.recording;
}

let shown = '';
function links(list) {
  if (JSON.stringify(list) === shown) return;
  shown = JSON.stringify(list);
  const target = document.getElementById('links');
  target.replaceChildren(...list.map(({ title, url }) => {
    const link = document.createElement('a');
    link.href = url;
    link.textContent = title;
    const item = document.createElement('li');
    item.append(link);
    return item;
  }));
  document.getElementById('none').hidden = list.length > 0;
}

async function round() {
  const results = await Promise.all([checkHttp(), checkHttps(), checkLocalhost(), checkRecording()]);
  const all = results.every(Boolean);
  document.getElementById('ready').hidden = !all;
  document.documentElement.dataset.done = all ? 'good' : 'bad';
  setTimeout(round, all ? 5000 : 2000);
}
round();
`;
