<?php
// PHP applications with known session policies; settings in LAB_APP as JSON: folder, strict, regenerate, logout
// (destroy | unset | cookie), maxlifetime, gc (probability of 1).
$c = json_decode(getenv('LAB_APP'), true);
ini_set('session.save_path', $c['folder']);
ini_set('session.use_strict_mode', $c['strict'] ? '1' : '0');
ini_set('session.gc_maxlifetime', (string) ($c['maxlifetime'] ?? 1440));
ini_set('session.gc_probability', ($c['gc'] ?? false) ? '1' : '0');
ini_set('session.gc_divisor', '1');
session_start();
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$post = $_SERVER['REQUEST_METHOD'] === 'POST';
if ($path === '/login' && $post) {
    if ($c['regenerate']) {
        session_regenerate_id(true);
    }
    $_SESSION['user'] = $_POST['user'];
    header('Location: /account', true, 303);
} elseif ($path === '/logout' && $post) {
    if ($c['logout'] === 'destroy') {
        session_destroy();
    } elseif ($c['logout'] === 'unset') {
        unset($_SESSION['user']);
    }
    if ($c['logout'] === 'cookie') {
        setcookie(session_name(), '', 1, '/');
    }
    header('Location: /', true, 303);
} elseif ($path === '/count' && $post) {
    $n = $_SESSION['n'] ?? 0;
    usleep(50000);
    $_SESSION['n'] = $n + 1;
    echo "counted\n";
} elseif ($path === '/account') {
    if (empty($_SESSION['user'])) {
        header('Location: /sign-in', true, 303);
    } else {
        echo 'Account of ' . htmlspecialchars($_SESSION['user']) . "\n";
    }
} else {
    echo "front page\n";
}
