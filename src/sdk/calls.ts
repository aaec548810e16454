/** Every call of the client by the `operationId` of the OpenAPI document: a test holds the two together. */
export const calls = {
  openSession: ['POST', '/api/v1/sessions'],
  exchangeForSession: ['POST', '/api/v1/sessions/exchange'],
  showSession: ['GET', '/api/v1/session'],
  endOwnSession: ['DELETE', '/api/v1/session'],
  listSessions: ['GET', '/api/v1/sessions'],
  endOtherSessions: ['DELETE', '/api/v1/sessions'],
  endSession: ['DELETE', '/api/v1/sessions/{id}'],
  showUser: ['GET', '/api/v1/users/me'],
  listConsents: ['GET', '/api/v1/consents'],
  withdrawConsent: ['DELETE', '/api/v1/consents/{appId}'],
  listApps: ['GET', '/api/v1/apps'],
  registerApp: ['POST', '/api/v1/apps'],
  showApp: ['GET', '/api/v1/apps/{id}'],
  changeApp: ['PATCH', '/api/v1/apps/{id}'],
  removeApp: ['DELETE', '/api/v1/apps/{id}'],
  showSecrets: ['GET', '/api/v1/apps/{id}/secrets'],
  rotateSecret: ['POST', '/api/v1/apps/{id}/secrets'],
  revokeSecret: ['DELETE', '/api/v1/apps/{id}/secrets/{secretId}'],
  addKey: ['POST', '/api/v1/apps/{id}/keys'],
  removeKey: ['DELETE', '/api/v1/apps/{id}/keys/{keyId}'],
  showCallingApp: ['GET', '/api/v1/app'],
  checkToken: ['POST', '/api/v1/app/tokens/check'],
  showAppUser: ['GET', '/api/v1/app/users/{id}'],
} as const

export type CallName = keyof typeof calls
