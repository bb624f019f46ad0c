import { describe, expect, it } from 'vitest';
import { commandTree } from '../../cli/program.ts';
import { manualPage } from '../../scripts/bundle/manual-page.ts';

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
});
