// Loaded into a process with --import: notes the longest turn of its main thread in that thread's own processor time, so
// that a busy machine does not count. Printed on a line of its own at the end.
if (typeof process.threadCpuUsage === 'function') {
  let last = process.threadCpuUsage();
  let worst = 0;
  setInterval(() => {
    const now = process.threadCpuUsage();
    worst = Math.max(worst, (now.user + now.system - last.user - last.system) / 1_000);
    last = now;
  }, 5).unref();
  // The start is over: it loads everything and does not count.
  process.on('SIGUSR2', () => {
    last = process.threadCpuUsage();
    worst = 0;
  });
  process.on('exit', () => process.stdout.write(`\nlongest turn ${worst.toFixed(1)} ms\n`));
}
