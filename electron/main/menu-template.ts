import type { MenuItemConstructorOptions } from 'electron';
import type { MenuAct } from '../preload/channels.ts';

export type MenuLanguage = 'en' | 'zh-CN';

type Words = Readonly<Record<keyof typeof EN, string>>;

const EN = {
  file: 'File',
  openStore: 'Attach a Store…',
  importHar: 'Import HAR…',
  exportHar: 'Export HAR…',
  practice: 'Try the Practice Site',
  settings: 'Settings…',
  close: 'Close Window',
  quit: 'Quit',
  edit: 'Edit',
  undo: 'Undo Edit of a Session',
  redo: 'Redo Edit of a Session',
  cut: 'Cut',
  copy: 'Copy',
  paste: 'Paste',
  delete: 'Delete',
  selectAll: 'Select All',
  find: 'Filter',
  clear: 'Clear the Lists',
  view: 'View',
  home: 'Start',
  sessions: 'Sessions',
  flows: 'Flows',
  stores: 'Stores',
  lab: 'Lab',
  values: 'Values',
  browsers: 'Browsers',
  palette: 'Command Palette…',
  actualSize: 'Actual Size',
  zoomIn: 'Zoom In',
  zoomOut: 'Zoom Out',
  fullScreen: 'Full Screen',
  devTools: 'Developer Tools',
  window: 'Window',
  minimize: 'Minimize',
  zoom: 'Zoom',
  front: 'Bring All to Front',
  help: 'Help',
  keys: 'Keyboard and Terms',
  about: 'About Sessionscope',
  services: 'Services',
  hide: 'Hide Sessionscope',
  hideOthers: 'Hide Others',
  showAll: 'Show All',
};

const ZH: Words = {
  file: '文件',
  openStore: '连接存储…',
  importHar: '导入 HAR…',
  exportHar: '导出 HAR…',
  practice: '试用练习站点',
  settings: '设置…',
  close: '关闭窗口',
  quit: '退出',
  edit: '编辑',
  undo: '撤销对会话的编辑',
  redo: '重做对会话的编辑',
  cut: '剪切',
  copy: '复制',
  paste: '粘贴',
  delete: '删除',
  selectAll: '全选',
  find: '筛选',
  clear: '清空列表',
  view: '显示',
  home: '开始',
  sessions: '会话',
  flows: '流',
  stores: '存储',
  lab: '实验室',
  values: '值',
  browsers: '浏览器',
  palette: '命令面板…',
  actualSize: '实际大小',
  zoomIn: '放大',
  zoomOut: '缩小',
  fullScreen: '全屏',
  devTools: '开发者工具',
  window: '窗口',
  minimize: '最小化',
  zoom: '缩放',
  front: '前置全部窗口',
  help: '帮助',
  keys: '键盘与术语',
  about: '关于 Sessionscope',
  services: '服务',
  hide: '隐藏 Sessionscope',
  hideOthers: '隐藏其他',
  showAll: '全部显示',
};

/**
 * The application menu. Acts of the debugger are carried out by the window, to which `act` sends them; keys that the window
 * handles itself are shown and not registered, since they mean something else while the user types.
 */
export function menuTemplate(options: {
  readonly mac: boolean;
  readonly language: MenuLanguage;
  readonly act: (act: MenuAct) => void;
}): MenuItemConstructorOptions[] {
  const { mac, act } = options;
  const words = options.language === 'zh-CN' ? ZH : EN;
  const item = (label: keyof Words, does: MenuAct, accelerator?: string): MenuItemConstructorOptions => ({
    id: does,
    label: words[label],
    click: () => act(does),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  /** macOS registers every key of a menu, so that the window would not get it. */
  const shown = (label: keyof Words, does: MenuAct, accelerator: string): MenuItemConstructorOptions => ({
    ...item(label, does),
    ...(mac ? {} : { accelerator, registerAccelerator: false }),
  });
  const role = (
    label: keyof Words,
    name: NonNullable<MenuItemConstructorOptions['role']>,
  ): MenuItemConstructorOptions => ({ label: words[label], role: name });
  const line: MenuItemConstructorOptions = { type: 'separator' };
  const settings = item('settings', 'settings', 'CmdOrCtrl+,');
  const appMenu: MenuItemConstructorOptions = {
    label: 'Sessionscope',
    submenu: [
      role('about', 'about'),
      line,
      settings,
      line,
      role('services', 'services'),
      line,
      role('hide', 'hide'),
      role('hideOthers', 'hideOthers'),
      role('showAll', 'unhide'),
      line,
      role('quit', 'quit'),
    ],
  };
  return [
    ...(mac ? [appMenu] : []),
    {
      label: words.file,
      submenu: [
        item('openStore', 'stores', 'CmdOrCtrl+O'),
        item('importHar', 'import-har', 'CmdOrCtrl+Shift+O'),
        item('exportHar', 'export-har', 'CmdOrCtrl+S'),
        line,
        item('practice', 'practice'),
        line,
        ...(mac ? [role('close', 'close')] : [settings, line, role('quit', 'quit')]),
      ],
    },
    {
      label: words.edit,
      submenu: [
        shown('undo', 'undo', 'CmdOrCtrl+Z'),
        shown('redo', 'redo', 'CmdOrCtrl+Shift+Z'),
        line,
        role('cut', 'cut'),
        role('copy', 'copy'),
        role('paste', 'paste'),
        role('delete', 'delete'),
        role('selectAll', 'selectAll'),
        line,
        shown('find', 'filter', 'CmdOrCtrl+F'),
        item('clear', 'clear'),
      ],
    },
    {
      label: words.view,
      submenu: [
        item('home', 'home'),
        item('sessions', 'sessions'),
        item('flows', 'flows'),
        item('stores', 'stores'),
        item('lab', 'lab'),
        item('values', 'values'),
        item('browsers', 'browsers'),
        line,
        shown('palette', 'palette', 'CmdOrCtrl+K'),
        line,
        role('actualSize', 'resetZoom'),
        role('zoomIn', 'zoomIn'),
        role('zoomOut', 'zoomOut'),
        line,
        role('fullScreen', 'togglefullscreen'),
        role('devTools', 'toggleDevTools'),
      ],
    },
    {
      label: words.window,
      submenu: [
        role('minimize', 'minimize'),
        role('zoom', 'zoom'),
        ...(mac ? [line, role('front', 'front')] : [role('close', 'close')]),
      ],
    },
    {
      label: words.help,
      role: 'help',
      submenu: [item('keys', 'help'), ...(mac ? [] : [line, role('about', 'about')])],
    },
  ];
}
