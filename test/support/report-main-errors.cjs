// Loaded into Electron's main process with `-r`: notes every error there in a file. (Electron itself would show a dialog
// for an uncaught exception, which nobody closes in a test run.)
const fs = require('node:fs');
const say = (kind, error) => fs.appendFileSync(process.env.MAIN_ERRORS, `${kind}: ${error?.stack || error}\0`);
process.on('uncaughtException', (error) => say('uncaughtException', error));
process.on('unhandledRejection', (error) => say('unhandledRejection', error));
process.on('warning', (warning) => say('warning', warning));
const { app } = require('electron');
app.on('render-process-gone', (_event, _contents, details) => say('render-process-gone', JSON.stringify(details)));
app.on('child-process-gone', (_event, details) => {
  if (!['clean-exit', 'killed'].includes(details.reason) && details.type !== 'GPU') {
    say('child-process-gone', JSON.stringify(details));
  }
});
app.on('web-contents-created', (_event, contents) =>
  contents.on('preload-error', (_e, _file, error) => say('preload-error', error)),
);
