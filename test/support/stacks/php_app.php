<?php
// PHP's own sessions, as `php -S` serves them: /login (new id), /whoami, /logout (destroyed). Strict or lax about
// foreign ids by session.use_strict_mode of the command line.
session_start();
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/login') {
    session_regenerate_id(true);
    $_SESSION['user'] = 'alice';
    echo 'hello';
} elseif ($path === '/logout') {
    $_SESSION = [];
    session_destroy();
    setcookie(session_name(), '', 1, '/');
    echo 'bye';
} elseif (isset($_SESSION['user'])) {
    // A page that is never twice the same: time, a random token, one of two layouts.
    echo "<h1>logged in as {$_SESSION['user']}</h1>\n<p>", hrtime(true), "</p>\n<p>", bin2hex(random_bytes(8)), "</p>\n";
    echo random_int(0, 1) ? "<nav>A</nav>\n" : "<aside>B</aside>\n<footer>B</footer>\n";
} else {
    http_response_code(403);
    echo "please log in\n";
}
