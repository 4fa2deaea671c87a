/** The most frequent cause of each code, and its fix. */
export const causes: ReadonlyMap<string, string> = new Map([
  [
    'UNAUTHENTICATED',
    'The token is wrong, was deleted or has expired. Create another one in your Blue profile under API.',
  ],
  [
    'FORBIDDEN',
    'The user of this token may not do this: the webhook belongs to another user, or the user is not a member of the workspace. Use the token of the user who created the webhook.',
  ],
  [
    'PLAN_LIMIT_REACHED',
    "The organisation's plan allows no further enabled webhook. Disable or delete one, or change the plan.",
  ],
  [
    'RATE_LIMITED',
    'Too many requests, also after waiting. Other programs may use the same token, user or organisation.',
  ],
  ['BAD_USER_INPUT', 'Blue does not accept a value in the request. Check URLs, ids and dates.'],
  ['INTERNAL_SERVER_ERROR', 'Blue failed to process the request. Try again later.'],
  [
    'GRAPHQL_VALIDATION_FAILED',
    'The operation does not fit the schema that Blue serves. Update @blue-webhooks/api, and report it if that does not help.',
  ],
  ['WEBHOOK_NOT_FOUND', 'There is no webhook with this id: it was deleted, or the user who created it was.'],
  ['COMPANY_NOT_FOUND', 'The organisation does not exist for this user. `organizationId` takes its id or its slug.'],
  ['COMPANY_BANNED', 'Blue has banned the organisation. Contact its support.'],
  ['PROJECT_NOT_FOUND', 'There is no workspace with this id for this user.'],
  ['TODO_NOT_FOUND', 'There is no record with this id for this user.'],
  ['NETWORK', 'The API was not reached: DNS, certificate, proxy or firewall. See `cause`.'],
  ['TIMEOUT', 'The API did not respond in time. Blue may be slow, or the network drops packets.'],
  ['NOT_JSON', 'The response is not JSON: a proxy or another server responds at this endpoint. Check `endpoint`.'],
]);
