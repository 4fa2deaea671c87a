<?php
// Verifies deliveries of Blue with PHP's standard library. `php verify.php vectors.json` checks every vector.

declare(strict_types=1);

/**
 * Whether the raw body carries its signature: exactly once, as 64 lowercase hex characters.
 *
 * @param list<string> $signatures every value of the X-Signature header
 * @param string $body the bytes that arrived: file_get_contents('php://input'), never $_POST
 */
function is_genuine(string $secret, string $body, array $signatures): bool
{
    if ($secret === '') {
        throw new InvalidArgumentException('The secret is empty: anyone could sign with it.');
    }
    if (count($signatures) !== 1 || preg_match('/\A[0-9a-f]{64}\z/', $signatures[0]) !== 1) {
        return false;
    }
    return hash_equals(hash_hmac('sha256', $body, $secret), $signatures[0]);
}

$vectors = json_decode(file_get_contents($argv[1]), true, 512, JSON_THROW_ON_ERROR)['vectors'];
$wrong = 0;
foreach ($vectors as $vector) {
    $genuine = is_genuine(hex2bin($vector['secretHex']), base64_decode($vector['bodyBase64'], true), $vector['signatures']);
    if ($genuine !== $vector['genuine']) {
        echo $vector['name'], "\n";
        $wrong++;
    }
}
echo count($vectors), " vectors, $wrong wrong\n";
exit($wrong === 0 ? 0 : 1);
