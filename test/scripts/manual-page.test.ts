import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandTree } from '../../cli/program.ts';
import { manualPage } from '../../scripts/bundle/manual-page.ts';
import { needs } from '../support/needs.ts';

describe('the manual page', () => {
  it('has every command with its options', async () => {
    const tree = await commandTree({ version: '1.2.3', pageFolder: '' });
    const page = manualPage(tree);
    for (const command of tree.commands) {
      expect(page).toContain(command.name());
      if (command.commands.length > 0) continue;
      for (const { long } of command.options) expect(page).toContain(long?.replaceAll('-', '\\-'));
    }
    expect(page).toContain('.SH EXIT STATUS');
  });

  needs('groff')('as groff sets it', () => {
    it('has no warning, and reads as text', async () => {
      const page = manualPage(await commandTree({ version: '1.2.3', pageFolder: '' }));
      const set = spawnSync('groff', ['-man', '-K', 'utf8', '-ww', '-rLL=100n', '-T', 'utf8', '-P', '-c'], {
        input: page,
        encoding: 'utf8',
      });
      expect(set).toMatchObject({ status: 0, stderr: '' });
      const text = set.stdout.replace(/.\u0008/g, '').replace(/\s+/g, ' ');
      expect(text).toContain('sessions ls [options] <store> lists the sessions of a store store a store: disk:PATH');
      // Hyphens that can be copied into a shell.
      expect(text).toContain('--dry-run');
      expect(text).toContain('130, 143: ended by Ctrl-C or a signal.');
    });
  });
});
