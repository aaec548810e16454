/** Calls of the client, by the `operationId` of the OpenAPI document. */
export const calls = {
  createSession: ['POST', '/api/v1/sessions'],
  exchangeForSession: ['POST', '/api/v1/sessions/exchange'],
  getSession: ['GET', '/api/v1/session'],
  deleteOwnSession: ['DELETE', '/api/v1/session'],
  listSessions: ['GET', '/api/v1/sessions'],
  deleteOtherSessions: ['DELETE', '/api/v1/sessions'],
  deleteSession: ['DELETE', '/api/v1/sessions/{id}'],
  getUser: ['GET', '/api/v1/users/me'],
  listConsents: ['GET', '/api/v1/consents'],
  deleteConsent: ['DELETE', '/api/v1/consents/{appId}'],
  listApps: ['GET', '/api/v1/apps'],
  registerApp: ['POST', '/api/v1/apps'],
  getApp: ['GET', '/api/v1/apps/{id}'],
  updateApp: ['PATCH', '/api/v1/apps/{id}'],
  deleteApp: ['DELETE', '/api/v1/apps/{id}'],
  listSecrets: ['GET', '/api/v1/apps/{id}/secrets'],
  rotateSecret: ['POST', '/api/v1/apps/{id}/secrets'],
  revokeSecret: ['DELETE', '/api/v1/apps/{id}/secrets/{secretId}'],
  addKey: ['POST', '/api/v1/apps/{id}/keys'],
  deleteKey: ['DELETE', '/api/v1/apps/{id}/keys/{keyId}'],
  getCallingApp: ['GET', '/api/v1/app'],
  checkToken: ['POST', '/api/v1/app/tokens/check'],
  getAppUser: ['GET', '/api/v1/app/users/{id}'],
} as const

export type CallName = keyof typeof calls
