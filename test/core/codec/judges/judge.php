<?php
// PHP itself as a judge: its three session handlers and serialize. The protocol is that of judge.py.
ini_set('session.use_cookies', '0');
ini_set('session.use_only_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('serialize_precision', '-1');

class InMemory implements SessionHandlerInterface {
    public function open(string $path, string $name): bool { return true; }
    public function close(): bool { return true; }
    public function read(string $id): string { return ''; }
    public function write(string $id, string $data): bool { return true; }
    public function destroy(string $id): bool { return true; }
    public function gc(int $most): int { return 0; }
}

/** Runs with an empty session of the given handler. */
function in_session(string $handler, callable $run) {
    ini_set('session.serialize_handler', $handler);
    session_id('judge');
    session_start();
    $_SESSION = [];
    try { return $run(); } finally { session_abort(); }
}

$asked = json_decode(stream_get_contents(STDIN), true, 512);
ob_start();
session_set_save_handler(new InMemory(), false);
$answer = [];
$write = fn($name, $v) => $name === 'serialize' ? serialize($v) : in_session($name, function () use ($v) { $_SESSION = $v; return session_encode(); });
$read = fn($name, $raw) => $name === 'serialize' ? unserialize($raw, ['allowed_classes' => false]) : in_session($name, fn() => session_decode($raw) ? $_SESSION : throw new Exception('session_decode refused it'));
if (isset($asked['write'])) {
    foreach (['php', 'php_binary', 'php_serialize', 'serialize'] as $name)
        foreach ($asked['write'] as $v) $answer[$name][] = ['raw' => base64_encode($write($name, $v))];
} else {
    foreach ($asked['read'] as $name => $ones) foreach ($ones as $one) {
        try { $answer[$name][] = ['value' => $read($name, base64_decode($one['raw']))]; }
        catch (Throwable $error) { $answer[$name][] = ['error' => $error->getMessage()]; }
    }
}
ob_end_clean();
echo json_encode($answer, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION);
