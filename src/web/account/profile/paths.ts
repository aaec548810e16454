export const emailPath = '/account/email'
