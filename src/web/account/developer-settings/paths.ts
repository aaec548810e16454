/** Addresses of Developer settings. */
export const settingsPath = '/account/developer'
export const tokensPath = `${settingsPath}/tokens`
export const revokeAllPath = `${tokensPath}/revoke`
export const secretsPath = `${settingsPath}/secrets`

export type TokenAction = 'rotate' | 'revoke' | 'confirm'
export const tokenPath = (id: string, action: TokenAction) => `${tokensPath}/${encodeURIComponent(id)}/${action}`
export const secretPath = (id: string, action: 'rotate' | 'revoke') =>
  `${secretsPath}/${encodeURIComponent(id)}/${action}`
