export const passwordPath = '/account/security/password'
