/** Notices of a user's page after an action, by the word in its URL. */
export const notices = {
  created: 'The service account was created. Create its API tokens through the API.',
  'session-ended': 'The session was ended.',
  'sessions-ended': 'All sessions were ended.',
  blocked: 'The user is blocked.',
  unblocked: 'The user may sign in again.',
  'reset-mailed': 'The link to set a new password was sent to the user.',
  'factors-reset': 'The second factors were reset. The user was told by email.',
  'token-revoked': 'The API token was revoked.',
  'tokens-revoked': 'All API tokens were revoked.',
  'access-revoked': 'The access of the app was revoked.',
  'role-assigned': 'The role was assigned.',
  'role-removed': 'The role was removed.',
  again: 'You signed in again. You can continue.',
} as const

export const noticeOf = (word: string | undefined): string | undefined =>
  Object.entries(notices).find(([name]) => name === word)?.[1]
