import { app, BrowserWindow, Menu } from 'electron';
import { MENU_CHANNEL } from '../preload/channels.ts';
import { type MenuLanguage, menuTemplate } from './menu-template.ts';

/** Puts the application menu in place, in the language of the window; its acts are carried out there. */
export function installMenu(language: MenuLanguage = systemLanguage()): void {
  app.setAboutPanelOptions({ applicationName: 'Sessionscope', applicationVersion: app.getVersion() });
  const template = menuTemplate({
    mac: process.platform === 'darwin',
    language,
    act: (act) => {
      const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
      window?.webContents.send(MENU_CHANNEL, act);
    },
  });
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

/** The language that the settings of the window name; the system's while they name none. */
export function menuLanguage(settings: unknown): MenuLanguage {
  const { language } = (settings ?? {}) as { language?: unknown };
  return language === 'en' || language === 'zh-CN' ? language : systemLanguage();
}

function systemLanguage(): MenuLanguage {
  return app.getLocale().toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}
