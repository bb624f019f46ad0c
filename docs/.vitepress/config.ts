import { readFileSync } from 'node:fs';
import path from 'node:path';

/* The site of the documents: npm run docs. Built from the repository alone; nothing is fetched. */

const page = (text: string, link: string) => ({ text, link });

/** The few parts of markdown-it that are used here. */
interface Token {
  type: string;
  content: string;
  children: Token[] | null;
  attrGet(name: string): string | null;
}
interface MarkdownIt {
  renderer: { rules: Record<string, ((tokens: Token[], index: number, ...more: unknown[]) => string) | undefined> };
  core: { ruler: { push(name: string, rule: (state: { tokens: Token[] }) => void): void } };
}

/** Braces in the pages are text (`{{session:3.cookie}}`): none of them is computed. The theme's own are left alone. */
function bracesAsText({ renderer: { rules } }: MarkdownIt): void {
  for (const name of ['text', 'code_inline']) {
    const render = rules[name];
    rules[name] = (tokens, index, ...more) =>
      (render?.(tokens, index, ...more) ?? tokens[index]?.content ?? '').replaceAll('{{', '&#123;&#123;');
  }
}

/** Links to files of the repository that are no pages: on the site their text stands alone. */
function withoutRepositoryLinks(markdown: MarkdownIt): void {
  markdown.core.ruler.push('repository-links', ({ tokens }) => {
    for (const token of tokens) {
      let outside = false;
      token.children = (token.children ?? []).filter((child) => {
        if (child.type === 'link_open' && /^(?:\.\.\/)+(?!guides\/|docs\/)[\w.]/.test(child.attrGet('href') ?? '')) {
          outside = !isPage(child.attrGet('href') ?? '');
          return !outside;
        }
        if (child.type === 'link_close' && outside) {
          outside = false;
          return false;
        }
        return true;
      });
    }
  });
}

/** From a guide, `../stores.md` is a page; from a page, `../README.md` is none. */
function isPage(href: string): boolean {
  const name = href.replace(/^(?:\.\.\/)+/, '').replace(/#.*$/, '');
  return PAGES.has(name);
}

const PAGES = new Set([
  'agents.md',
  'certainty.md',
  'commands.md',
  'faq.md',
  'filter.md',
  'how-it-works.md',
  'installers.md',
  'operations.md',
  'performance.md',
  'policy-file.md',
  'stores.md',
  'testing.md',
  'tour.md',
]);

const { version } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

export default {
  title: 'Sessionscope',
  description: 'A desktop debugger for web sessions',
  lang: 'en',
  cleanUrls: false,
  ignoreDeadLinks: false,
  outDir: '../out/docs',
  cacheDir: '../out/docs-cache',
  markdown: {
    config(markdown: MarkdownIt) {
      withoutRepositoryLinks(markdown);
      bracesAsText(markdown);
    },
  },
  vite: { publicDir: false, build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    footer: { message: `Version ${version}, MIT licence` },
    nav: [page('Guides', '/guides/webpy'), page('Commands', '/commands'), page('FAQ', '/faq')],
    sidebar: [
      { text: 'Start', items: [page('The first minute', '/'), page('FAQ', '/faq')] },
      {
        text: 'Guides',
        items: [
          page('web.py', '/guides/webpy'),
          page('Flask', '/guides/flask'),
          page('Django', '/guides/django'),
          page('PHP', '/guides/php'),
          page('Laravel', '/guides/laravel'),
          page('Rails', '/guides/rails'),
          page('Express', '/guides/express'),
          page('Next and Auth.js', '/guides/nextjs'),
          page('Spring', '/guides/spring'),
        ],
      },
      {
        text: 'Use',
        items: [
          page('Policies in CI', '/policy-file'),
          page('In your own tests', '/testing'),
          page('Filter', '/filter'),
          page('Stores', '/stores'),
          page('Commands', '/commands'),
          page('Coding agents', '/agents'),
          page('Operations', '/operations'),
        ],
      },
      {
        text: 'Background',
        items: [
          page('How it works', '/how-it-works'),
          page('How sure a verdict is', '/certainty'),
          page('A tour of the code', '/tour'),
          page('Installers', '/installers'),
          page('Performance', '/performance'),
        ],
      },
    ],
  },
};
