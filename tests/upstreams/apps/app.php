<?php
// Writes down what a PHP application reads of a request, and says it back.
$env = array_filter($_SERVER, fn ($key) => preg_match('/^HTTP_|^REMOTE_USER$|^AUTH_|^CONTENT_/', $key), ARRAY_FILTER_USE_KEY);
$report = [
    'asks' => $_SERVER['REQUEST_METHOD'] . ' ' . $_SERVER['REQUEST_URI'],
    'env' => array_map('utf8_encode', $env),
    'all' => array_map('utf8_encode', getallheaders()),
    'body' => utf8_encode(file_get_contents('php://input')),
];
$line = json_encode($report, JSON_UNESCAPED_SLASHES | JSON_FORCE_OBJECT);
file_put_contents(getenv('APP_LOG'), "$line\n", FILE_APPEND | LOCK_EX);
header('Content-Type: application/json');
header('X-App: yes');
header('Content-Length: ' . strlen($line));
echo $line;
